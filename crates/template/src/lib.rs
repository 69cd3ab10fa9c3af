//! burgward-template
