//! burgward-edge
