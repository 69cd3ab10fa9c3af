//! The table of rules: one line is one check.

use crate::rule::Rule;

/// A line `module "id"` makes the module, its entry in [`ALL`] and its page: the module holds `META` and `check`, and
/// its leading comment is the page. `cargo fmt` does not look through it: run `rustfmt` on the files of this folder.
macro_rules! checks {
    ($($module:ident $id:literal)*) => {
        $(mod $module;)*

        /// All rules, in the order of their ids.
        pub(crate) static ALL: &[Rule] = &[
            $(Rule {
                id: $id,
                meta: $module::META,
                source: include_str!(concat!(stringify!($module), ".rs")),
                check: $module::check,
            },)*
        ];
    };
}

checks! {
    api_no_access_log "api-no-access-log"
    api_no_throttle "api-no-throttle"
    api_route_no_auth "api-route-no-auth"
    authorizer_unused "authorizer-unused"
    bucket_no_tls_policy "bucket-no-tls-policy"
    bucket_public_acl "bucket-public-acl"
    bucket_public_policy "bucket-public-policy"
    code_unread "code-unread"
    cors_any "cors-any"
    env_plaintext_secret "env-plaintext-secret"
    eol_runtime "eol-runtime"
    event_shell "event-shell"
    function_url_no_auth "function-url-no-auth"
    iam_star_action "iam-star-action"
    iam_star_resource "iam-star-resource"
    lambda_permission_public "lambda-permission-public"
    managed_full_access "managed-full-access"
    no_reserved_concurrency "no-reserved-concurrency"
    param_default_secret "param-default-secret"
    passrole_star "passrole-star"
    permission_no_source "permission-no-source"
    reader_may_delete "reader-may-delete"
    resource_policy_public "resource-policy-public"
    role_trust_public "role-trust-public"
    service_star "service-star"
    shared_role "shared-role"
    ssm_plaintext_secret "ssm-plaintext-secret"
    timeout_max "timeout-max"
    tmp_predictable_name "tmp-predictable-name"
}
