//! burgward-testkit
