//! Least privilege: from calls to actions, from actions to ARNs, from ARNs to one role per function.
//!
//! Pure. The code decides which *actions* a function needs; observation fills in ARNs and confirms (law 4: learning never
//! widens). What was observed without code behind it is unexplained and granted only when a person accepts it.
