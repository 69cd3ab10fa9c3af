//! burgward-svc-dynamodb
