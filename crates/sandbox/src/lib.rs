//! burgward-sandbox
