//! Cold start, warm invocation and a fresh sandbox for each invocation, in real sandboxes.
//!
//! `cargo bench -p burgward-runtime`; times are wall clock, so compare minimums and medians on a quiet machine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test program without libtest's harness, which is what clippy goes by"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use burgward_runtime::{FunctionConfig, Isolation};
use common::{House, Running};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(burgward_sandbox::SPAWNER_ARG) {
        return burgward_sandbox::spawner_main();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run());
    ExitCode::SUCCESS
}

async fn run() {
    let house = House::new();
    cold(&house).await;
    warm(&house).await;
    each_fresh(&house, Duration::ZERO, "invocation isolation, back to back").await;
    each_fresh(&house, Duration::from_millis(200), "invocation isolation, spare ready").await;
    let _ = std::fs::remove_dir_all(&house.code);
}

async fn cold(house: &House) {
    let mut times = Vec::new();
    for _ in 0..40 {
        let f = house.start(house.function("app.null"));
        times.push(timed(&f).await);
        f.runtime.drain().await;
    }
    print("cold start to first answer", times);
}

async fn warm(house: &House) {
    let f = house.start(house.function("app.null"));
    for _ in 0..200 {
        f.invoke("{}").await;
    }
    let mut times = Vec::new();
    for _ in 0..5000 {
        times.push(timed(&f).await);
    }
    print("warm invocation, handler and bootstrap included", times);
    f.runtime.drain().await;
}

async fn each_fresh(house: &House, pause: Duration, name: &str) {
    let f = house.start(FunctionConfig { isolation: Isolation::Invocation, ..house.function("app.null") });
    f.invoke("{}").await;
    let mut times = Vec::new();
    for _ in 0..40 {
        tokio::time::sleep(pause).await;
        times.push(timed(&f).await);
    }
    print(name, times);
    f.runtime.drain().await;
}

async fn timed(f: &Running) -> Duration {
    let begun = Instant::now();
    f.invoke("{}").await;
    begun.elapsed()
}

fn print(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    println!("{name}: min {:?} p50 {:?} p90 {:?} p99 {:?} (n {})", times[0], at(50), at(90), at(99), times.len());
}
