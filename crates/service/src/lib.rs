//! burgward-service
