//! burgward-sigv4
