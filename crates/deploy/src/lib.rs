//! burgward-deploy
