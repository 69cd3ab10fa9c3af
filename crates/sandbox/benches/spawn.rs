//! How long a sandbox takes, from the request to the end of what runs inside, and what that costs in processor time.
//!
//! The machine's load shows in the median; the minimum is what the code costs.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made has nothing better to do than stop"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fs;
use std::time::{Duration, Instant};

use burgward_sandbox::{SandboxSpec, Spawner};
use common::{python, spawner, spec, wait};

const ROUNDS: u32 = 200;

fn main() {
    let spawner = spawner();
    measure(&spawner, "true", &spec(&["/bin/true"]));
    let mut listening = spec(&["/bin/true"]);
    listening.listen = vec![9001, 4566];
    measure(&spawner, "true, two listeners", &listening);
    for (label, extra) in [("python3 -I -S -c pass", Some("-S")), ("python3 -I -c pass", None)] {
        if let Some(mut spec) = python("pass") {
            spec.argv.splice(1..1, extra.map(str::to_owned));
            measure(&spawner, label, &spec);
        }
    }
    throughput(&spawner);
}

fn measure(spawner: &Spawner, label: &str, spec: &SandboxSpec) {
    let cost = processor_ms(spawner);
    let mut executing = Vec::new();
    let mut ended = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let sandbox = spawner.spawn(spec).expect("a sandbox");
        executing.push(start.elapsed());
        let exit = wait(&sandbox);
        ended.push(start.elapsed());
        assert_eq!(exit.code, Some(0), "{label}");
    }
    let cost = (processor_ms(spawner) - cost) / f64::from(ROUNDS);
    println!(
        "{label}: executing after min {:.2} median {:.2} ms, ended after min {:.2} median {:.2} ms, CPU {cost:.2} ms each",
        least(&mut executing),
        median(&mut executing),
        least(&mut ended),
        median(&mut ended)
    );
}

fn throughput(spawner: &Spawner) {
    let spec = spec(&["/bin/true"]);
    let start = Instant::now();
    let sandboxes: Vec<_> = (0..ROUNDS).map(|_| spawner.spawn(&spec).expect("a sandbox")).collect();
    for sandbox in &sandboxes {
        wait(sandbox);
    }
    println!("one after the other: {:.0} sandboxes a second", f64::from(ROUNDS) / start.elapsed().as_secs_f64());
}

fn least(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[0].as_secs_f64() * 1000.0
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// Processor time of the spawner and of all that it buried.
fn processor_ms(spawner: &Spawner) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", spawner.pid().expect("a spawner"))).expect("its times");
    let fields: Vec<f64> = stat
        .rsplit(')')
        .next()
        .expect("fields")
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|f| f.parse().expect("ticks"))
        .collect();
    fields.iter().sum::<f64>() * 10.0
}
