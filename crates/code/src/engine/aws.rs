//! The SDK's entry points.

use std::rc::Rc;

use super::Engine;
use crate::facts::Place;
use crate::value::{Args, Sdk, Val};

impl Engine<'_> {
    /// A call of the SDK's modules.
    pub(super) fn sdk_entry(&mut self, name: &str, args: &Args, place: Place) -> Val {
        match name.rsplit('.').next() {
            Some("client" | "create_client") => self.client(args, place),
            Some("resource") => self.services(args, place),
            Some("Session" | "get_session" | "_get_default_session" | "AioSession") => Val::sdk(Sdk::Session),
            Some("setup_default_session") => Val::unknown(),
            _ => self.call_unknown(args, place).with_taint(None),
        }
    }

    pub(super) fn client(&mut self, args: &Args, place: Place) -> Val {
        self.of_services(args, place, Sdk::Client)
    }

    pub(super) fn services(&mut self, args: &Args, place: Place) -> Val {
        self.of_services(args, place, Sdk::Services)
    }

    fn of_services(&mut self, args: &Args, place: Place, make: fn(Rc<str>) -> Sdk) -> Val {
        let Some(service) = args.get(0, "service_name") else { return Val::unknown() };
        if service.is_nothing() {
            return Val::nothing();
        }
        let (names, others) = service.constants();
        let mut found = Val::nothing();
        for name in names {
            found = found.join(&Val::sdk(make(name)));
        }
        if others {
            self.found.undecided(place, "the service is chosen at run time");
            found = found.join(&Val::sdk(Sdk::AnyClient));
        }
        found
    }
}

/// True if a dotted name lies in the SDK.
pub(super) fn is_sdk(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    matches!(first, "boto3" | "botocore" | "aioboto3" | "aiobotocore")
}
