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
    cold(&house, "null.handler", "cold start to first answer, a handler without imports").await;
    cold(&house, "app.null", "cold start to first answer, imports http.client, decimal, logging, socket").await;
    warm(&house).await;
    each_fresh(&house, Duration::ZERO, "invocation isolation, back to back").await;
    each_fresh(&house, Duration::from_millis(200), "invocation isolation, spare ready").await;
    let _ = std::fs::remove_dir_all(&house.code);
}

async fn cold(house: &House, handler: &str, name: &str) {
    let mut times = Vec::new();
    for _ in 0..40 {
        let f = house.start(house.function(handler));
        times.push(timed(&f).await);
        f.runtime.drain().await;
    }
    print(name, times);
}

async fn warm(house: &House) {
    let f = house.start(house.function("null.handler"));
    for _ in 0..200 {
        f.invoke("{}").await;
    }
    let mut times = Vec::new();
    let before = cpu_seconds();
    for _ in 0..5000 {
        times.push(timed(&f).await);
    }
    let cpu = (cpu_seconds() - before) * 1e6 / 5000.0;
    print("warm invocation, handler and bootstrap included", times);
    println!("warm invocation, this process's share: {cpu:.0} us CPU each");
    f.runtime.drain().await;
}

async fn each_fresh(house: &House, pause: Duration, name: &str) {
    let f = house.start(FunctionConfig { isolation: Isolation::Invocation, ..house.function("null.handler") });
    f.invoke("{}").await;
    let mut times = Vec::new();
    for _ in 0..40 {
        tokio::time::sleep(pause).await;
        times.push(timed(&f).await);
    }
    print(name, times);
    f.runtime.drain().await;
}

/// User and system time of this process, in seconds.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
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
