//! The sandboxes of one function: reused, replaced, limited.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use burgward_types::RequestId;
use http::HeaderValue;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::api::{Answer, Work};
use crate::instance::{InitFault, Instance, Outcome, Platform};
use crate::outcome::{Failure, timed_out_words};
use crate::report::{self, Report};
use crate::{FunctionConfig, Invocation, InvokeError, Invoked, Isolation};

/// The first try of the init phase; the second has the function's timeout.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// A sandbox that takes longer to fetch an invocation after its last answer is replaced.
const FETCH_GRACE: Duration = Duration::from_secs(1);

/// A function and its sandboxes.
pub(crate) struct Pool {
    pub(crate) function: Arc<FunctionConfig>,
    pub(crate) slots: Arc<Semaphore>,
    platform: Arc<Platform>,
    idle: Mutex<Vec<Idle>>,
    retired: AtomicBool,
    preparing: AtomicBool,
}

struct Idle {
    instance: Arc<Instance>,
    since: Instant,
    turn: u64,
    init: Option<Duration>,
}

/// A sandbox that is ready for an invocation.
struct Ready {
    instance: Arc<Instance>,
    init: Option<Duration>,
    cold: bool,
    deadline: Instant,
    begun: Instant,
}

/// What came of an invocation, before it is told.
struct Ended {
    instance: Arc<Instance>,
    result: Result<bytes::Bytes, Failure>,
    report: Report,
    cold: bool,
    /// The sandbox may serve again.
    healthy: bool,
}

impl Pool {
    pub(crate) fn new(platform: &Arc<Platform>, function: FunctionConfig, shared: &Arc<Semaphore>) -> Arc<Self> {
        let own = |limit: u32| Arc::new(Semaphore::new(limit as usize));
        let slots = function.max_concurrency.map_or_else(|| Arc::clone(shared), own);
        Arc::new(Self {
            function: Arc::new(function),
            slots,
            platform: Arc::clone(platform),
            idle: Mutex::default(),
            retired: AtomicBool::new(false),
            preparing: AtomicBool::new(false),
        })
    }

    /// Runs an invocation in a sandbox of this pool.
    pub(crate) async fn invoke(self: &Arc<Self>, call: Invocation) -> Result<Invoked, InvokeError> {
        let headers = Headers::new(self, &call)?;
        let limit = || InvokeError::Throttled(self.function.name.clone());
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| limit())?;
        let mut ended = self.attempt(&call, &headers, None).await?;
        if ended.is_none() {
            // The sandbox was gone or stuck before it fetched anything: nothing was run, so another one may.
            ended = self.attempt(&call, &headers, None).await?;
        }
        let ended =
            ended.ok_or_else(|| InvokeError::Platform("two sandboxes ended before they took work".to_owned()))?;
        let (instance, healthy) = (Arc::clone(&ended.instance), ended.healthy);
        let invoked = ended.tell(&call.request_id, self.function.memory_mb);
        drop(slot);
        self.settle(instance, healthy);
        Ok(invoked)
    }

    /// Runs `code` in a fresh sandbox of the function, outside of its concurrency.
    pub(crate) async fn probe(self: &Arc<Self>, call: Invocation, code: &str) -> Result<Invoked, InvokeError> {
        let headers = Headers::new(self, &call)?;
        let ended = self.attempt(&call, &headers, Some(code)).await?;
        let ended =
            ended.ok_or_else(|| InvokeError::Platform("the probe's sandbox ended before it took work".to_owned()))?;
        ended.instance.end();
        let invoked = ended.tell(&call.request_id, self.function.memory_mb);
        Ok(invoked)
    }

    /// One try; `None` if the sandbox never fetched the invocation.
    async fn attempt(
        self: &Arc<Self>,
        call: &Invocation,
        headers: &Headers,
        probe: Option<&str>,
    ) -> Result<Option<Ended>, InvokeError> {
        let ready = match self.ready(&call.request_id, probe).await? {
            Ok(ready) => ready,
            Err(ended) => return Ok(Some(ended)),
        };
        let Ready { instance, init, cold, deadline, begun } = ready;
        instance.logs.begin_tail();
        instance.logs.platform(&report::start(&call.request_id, &self.function.version));
        let left = deadline.saturating_duration_since(Instant::now());
        let deadline_ms = self.platform.clock.now().plus_millis(i64::try_from(left.as_millis()).unwrap_or(i64::MAX)).0;
        let work = Work {
            request_id: call.request_id.as_str().to_owned(),
            payload: call.payload.clone(),
            deadline_ms,
            arn: headers.arn.clone(),
            trace_id: headers.trace_id.clone(),
            client_context: headers.client_context.clone(),
        };
        let outcome = instance.run(work, deadline, FETCH_GRACE).await;
        let duration = begun.elapsed();
        let id = call.request_id.as_str();
        let (result, healthy) = match outcome {
            Outcome::Answered(Answer::Response(payload)) => (Ok(payload), true),
            Outcome::Answered(Answer::Error(failure)) => (Err(failure), true),
            Outcome::Exited(exit) => (Err(Failure::exited(id, exit)), false),
            Outcome::TimedOut => (Err(self.time_out(&instance, id)), false),
            Outcome::Stuck => {
                instance.end();
                return Ok(None);
            }
        };
        Ok(Some(Ended { instance, result, report: Report { duration, init }, cold, healthy }))
    }

    fn time_out(&self, instance: &Instance, request_id: &str) -> Failure {
        instance.end();
        instance.logs.catch_up();
        let now = self.platform.clock.now().iso8601();
        instance.logs.platform(&format!("{now} {request_id} {}", timed_out_words(self.function.timeout)));
        Failure::timed_out(request_id, self.function.timeout)
    }

    /// A warm sandbox or, after its init phase, a new one.
    async fn ready(&self, id: &RequestId, probe: Option<&str>) -> Result<Result<Ready, Ended>, InvokeError> {
        let deadline = |from: Instant| from + self.function.timeout;
        if let Some(idle) = probe.is_none().then(|| self.take_idle()).flatten() {
            let begun = Instant::now();
            let Idle { instance, init, .. } = idle;
            return Ok(Ok(Ready { instance, init, cold: false, deadline: deadline(begun), begun }));
        }
        let started = Instant::now();
        let first = Instance::start(&self.platform, &self.function, probe).await.map_err(InvokeError::Platform)?;
        let fault = match first.initialized(started + INIT_TIMEOUT).await {
            Ok(()) => {
                let (init, begun) = (Some(started.elapsed()), Instant::now());
                return Ok(Ok(Ready { instance: first, init, cold: true, deadline: deadline(begun), begun }));
            }
            Err(fault) => fault,
        };
        Self::give_up(&first, &fault, "init", started.elapsed());
        self.second_try(id, probe).await
    }

    /// Lambda's suppressed init: once more, under the function's own timeout.
    async fn second_try(&self, id: &RequestId, probe: Option<&str>) -> Result<Result<Ready, Ended>, InvokeError> {
        let begun = Instant::now();
        let deadline = begun + self.function.timeout;
        let instance = Instance::start(&self.platform, &self.function, probe).await.map_err(InvokeError::Platform)?;
        let Err(fault) = instance.initialized(deadline).await else {
            return Ok(Ok(Ready { instance, init: None, cold: true, deadline, begun }));
        };
        instance.logs.begin_tail();
        instance.logs.platform(&report::start(id, &self.function.version));
        let duration = begun.elapsed();
        Self::give_up(&instance, &fault, "invoke", duration);
        let failure = match fault {
            InitFault::Reported(failure) => failure,
            InitFault::Exited(exit) => Failure::exited(id.as_str(), exit),
            InitFault::TimedOut => self.time_out(&instance, id.as_str()),
        };
        let report = Report { duration, init: None };
        Ok(Err(Ended { instance, result: Err(failure), report, cold: true, healthy: false }))
    }

    fn give_up(instance: &Instance, fault: &InitFault, phase: &str, took: Duration) {
        instance.logs.catch_up();
        let (status, kind) = fault.status();
        instance.logs.platform(&report::init(took, phase, status, &kind));
        instance.end();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sandbox used last, so that the others may retire; one that already waits for work before one that does not.
    fn take_idle(&self) -> Option<Idle> {
        let mut idle = self.idle();
        idle.retain(|idle| !idle.instance.is_gone());
        let at = idle.iter().rposition(|idle| idle.instance.api.is_parked()).or_else(|| idle.len().checked_sub(1))?;
        Some(idle.remove(at))
    }

    /// After an invocation: back into the pool, or away.
    fn settle(self: &Arc<Self>, instance: Arc<Instance>, healthy: bool) {
        if !healthy || self.function.isolation == Isolation::Invocation {
            instance.end();
            if self.function.isolation == Isolation::Invocation {
                self.prepare();
            }
            return;
        }
        self.put_idle(instance, None);
    }

    fn put_idle(self: &Arc<Self>, instance: Arc<Instance>, init: Option<Duration>) {
        let turn = instance.rest();
        {
            let mut idle = self.idle();
            // Read under the lock that `retire` takes: a sandbox never slips into a retired pool.
            if self.retired.load(Ordering::Acquire) {
                drop(idle);
                instance.end();
                return;
            }
            idle.push(Idle { instance: Arc::clone(&instance), since: Instant::now(), turn, init });
        }
        let (timeout, freeze_after) = (self.function.timeout, self.platform.limits.freeze_after);
        tokio::spawn(async move {
            // An answered invocation may still work until its timeout, as on Lambda; then it has to be idle.
            let parked = tokio::time::timeout(timeout, instance.api.parked()).await;
            if parked.is_err() && instance.rests_since(turn) {
                instance.end();
                return;
            }
            tokio::time::sleep(freeze_after).await;
            instance.freeze(turn);
        });
    }

    /// Makes one spare sandbox for the next invocation of a function that wants a fresh one each time.
    fn prepare(self: &Arc<Self>) {
        let spare = self.idle().iter().any(|idle| !idle.instance.is_gone());
        if spare || self.retired.load(Ordering::Acquire) || self.preparing.swap(true, Ordering::AcqRel) {
            return;
        }
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            let started = Instant::now();
            // A spare that cannot be made is no loss: the next invocation makes its own and reports why it fails.
            if let Ok(instance) = Instance::start(&pool.platform, &pool.function, None).await {
                match instance.initialized(started + INIT_TIMEOUT).await {
                    Ok(()) => pool.put_idle(instance, Some(started.elapsed())),
                    Err(fault) => Self::give_up(&instance, &fault, "init", started.elapsed()),
                }
            }
            pool.preparing.store(false, Ordering::Release);
        });
    }

    /// Ends the sandboxes that were not used for long.
    pub(crate) fn sweep(&self, idle_life: Duration) {
        let mut idle = self.idle();
        idle.retain(|idle| {
            let old = idle.since.elapsed() >= idle_life && idle.instance.rests_since(idle.turn);
            if old {
                idle.instance.end();
            }
            !old && !idle.instance.is_gone()
        });
    }

    /// Ends the idle sandboxes; those at work end after their invocation.
    pub(crate) fn retire(&self) {
        let mut idle = self.idle();
        self.retired.store(true, Ordering::Release);
        for idle in idle.drain(..) {
            idle.instance.end();
        }
    }
}

impl Ended {
    /// Writes the invocation's last log lines and makes the caller's answer.
    fn tell(self, request_id: &RequestId, memory_mb: u32) -> Invoked {
        let Self { instance, result, report, cold, .. } = self;
        let memory_bytes = instance.memory_bytes();
        let error_type = result.as_ref().err().map(|failure| failure.error_type.clone());
        instance.logs.finish();
        instance.logs.platform(&report::end(request_id));
        instance.logs.platform(&report.line(request_id, memory_mb, memory_bytes, error_type.as_deref()));
        let function_error = error_type.is_some().then(|| "Unhandled".to_owned());
        Invoked {
            payload: result.unwrap_or_else(|failure| failure.payload),
            function_error,
            error_type,
            sandbox: instance.id,
            cold,
            init_duration: report.init,
            duration: report.duration,
            billed_ms: report.billed_ms(),
            memory_bytes,
            log_tail: instance.logs.tail(),
        }
    }
}

/// What goes along with every try, judged once.
struct Headers {
    arn: HeaderValue,
    trace_id: HeaderValue,
    client_context: Option<HeaderValue>,
}

impl Headers {
    fn new(pool: &Pool, call: &Invocation) -> Result<Self, InvokeError> {
        let value = |text: &str, what| HeaderValue::from_bytes(text.as_bytes()).map_err(|_| InvokeError::Invalid(what));
        let fresh = || report::fresh_trace_id(pool.platform.clock.now());
        Ok(Self {
            arn: value(&pool.function.arn, "function ARN")?,
            trace_id: value(&call.trace_id.clone().unwrap_or_else(fresh), "trace id")?,
            client_context: call.client_context.as_deref().map(|text| value(text, "client context")).transpose()?,
        })
    }
}
