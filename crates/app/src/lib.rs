//! burgward-app
