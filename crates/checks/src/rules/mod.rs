//! The table of rules: one line is one check.

use crate::rule::Rule;

/// A line `module "id"` makes the module, its entry in [`ALL`] and its page: the module holds `META` and `check`, and
/// its leading comment is the page.
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
    api_route_no_auth "api-route-no-auth"
}
