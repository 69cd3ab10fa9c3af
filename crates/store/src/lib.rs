//! burgward-store
