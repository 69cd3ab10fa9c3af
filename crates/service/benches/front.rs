//! What the front costs: verify, authorize and record one read, in CPU time per call.
//!
//! `cargo bench -p burgward-service` prints one line; SPECIFICATION.md keeps the number.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench is a program that prints and may stop"
)]
#![allow(missing_docs, dead_code, unreachable_pub, reason = "the miniature house is shared with the tests")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use burgward_service::{Mode, full};
use http::Request;
use serde_json::json;
use support::{HOME, House};

const CALLS: u32 = 20_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = House::new(Mode::Enforce);
        house.allow(&json!([{ "Effect": "Allow", "Action": "notes:GetNote", "Resource": "*" }]));
        let (parts, _) = house.note("GetNote").into_parts();
        let start = Instant::now();
        for _ in 0..CALLS {
            let request = Request::from_parts(parts.clone(), full(r#"{"Name":"n"}"#));
            assert_eq!(house.front.handle(HOME, request).await.status(), 200);
        }
        let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS);
        println!("front: {micros:.1} us a call (one thread, record in memory)");
    });
}
