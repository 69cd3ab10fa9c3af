//! burgward-attack
