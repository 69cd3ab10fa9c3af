//! burgward-wire
