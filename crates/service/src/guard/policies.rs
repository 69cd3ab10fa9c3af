//! The policies in force, replaceable as a whole or one by one.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::Policy;

/// Policies by whom or what they are attached to.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    /// Identity policies by the ARN of the role or user.
    pub identity: HashMap<String, Arc<[Arc<Policy>]>>,
    /// Permissions boundaries by the ARN of the role or user.
    pub boundaries: HashMap<String, Arc<[Arc<Policy>]>>,
    /// Resource policies by the ARN of the bucket, table, secret ...
    pub resource: HashMap<String, Arc<Policy>>,
}

impl PolicySet {
    /// The resource policy that holds for a resource: its own, or that of the bucket or table it lies in.
    #[must_use]
    pub fn resource_policy(&self, arn: &str) -> Option<&Arc<Policy>> {
        if self.resource.is_empty() {
            return None;
        }
        self.resource.get(arn).or_else(|| self.resource.get(owner(arn)?))
    }
}

/// The resource whose policy also holds for this one.
fn owner(arn: &str) -> Option<&str> {
    if arn.starts_with("arn:aws:s3:::") {
        return arn.split_once('/').map(|(bucket, _)| bucket);
    }
    ["/index/", "/stream/", "/backup/"].iter().find_map(|part| arn.split_once(part).map(|(table, _)| table))
}

/// Holds the current [`PolicySet`]; readers keep the one they started with.
#[derive(Debug, Default)]
pub struct PolicyStore(RwLock<Arc<PolicySet>>);

impl PolicyStore {
    /// The set in force now.
    #[must_use]
    pub fn current(&self) -> Arc<PolicySet> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces everything.
    pub fn replace(&self, set: PolicySet) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
    }

    /// Replaces the identity policies of a role or user.
    pub fn set_identity(&self, arn: &str, policies: Vec<Arc<Policy>>) {
        self.change(|set| {
            set.identity.insert(arn.to_owned(), policies.into());
        });
    }

    /// Replaces the boundary of a role or user; an empty list takes it away.
    pub fn set_boundary(&self, arn: &str, policies: Vec<Arc<Policy>>) {
        self.change(|set| {
            if policies.is_empty() {
                set.boundaries.remove(arn);
            } else {
                set.boundaries.insert(arn.to_owned(), policies.into());
            }
        });
    }

    /// Replaces the policy of a resource; `None` takes it away.
    pub fn set_resource(&self, arn: &str, policy: Option<Arc<Policy>>) {
        self.change(|set| {
            match policy {
                Some(policy) => set.resource.insert(arn.to_owned(), policy),
                None => set.resource.remove(arn),
            };
        });
    }

    fn change(&self, edit: impl FnOnce(&mut PolicySet)) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        edit(Arc::make_mut(&mut current));
    }
}
