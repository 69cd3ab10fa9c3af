//! burgward-vault
