//! The functions of an app and the way in to them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use burgward_sandbox::Spawner;
use burgward_types::{Clock, RequestId};
use bytes::Bytes;
use tokio::sync::{Semaphore, watch};

use crate::instance::Platform;
use crate::launch::{Launch, Sandboxed};
use crate::layers;
use crate::outcome::PAYLOAD_LIMIT;
use crate::pool::Pool;
use crate::{ConfigError, FunctionConfig, Host, Invocation, InvokeError, Invoked};

/// What the host allows all functions together; see each field.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Invocations at once of all functions without reserved concurrency.
    pub unreserved_concurrency: u32,
    /// A sandbox that was not used for so long is ended.
    pub idle_life: Duration,
    /// A sandbox is frozen once it was idle for so long; a busy function is spared freezing between two requests.
    pub freeze_after: Duration,
    /// How long [`Runtime::drain`] waits for running invocations before it ends them.
    pub drain_grace: Duration,
    /// The layer that a test takes away.
    #[cfg(feature = "test-without-layers")]
    pub without: burgward_types::Without,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unreserved_concurrency: 100,
            idle_life: Duration::from_mins(5),
            freeze_after: Duration::from_millis(20),
            drain_grace: Duration::from_secs(10),
            #[cfg(feature = "test-without-layers")]
            without: burgward_types::Without::default(),
        }
    }
}

/// All functions of an app, each with its pool of sandboxes. Cheap to clone; the last one dropped ends all sandboxes.
#[derive(Clone)]
pub struct Runtime(Arc<Core>);

struct Core {
    platform: Arc<Platform>,
    pools: RwLock<HashMap<String, Arc<Pool>>>,
    unreserved: Arc<Semaphore>,
    busy: watch::Sender<usize>,
    closing: AtomicBool,
}

impl Runtime {
    /// A runtime for these functions; must be called inside a tokio runtime.
    pub fn new(
        spawner: Arc<Spawner>,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
        functions: Vec<FunctionConfig>,
    ) -> Result<Self, ConfigError> {
        Self::with_limits(spawner, host, clock, functions, Limits::default())
    }

    /// The same with limits of the operator's choice.
    pub fn with_limits(
        spawner: Arc<Spawner>,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
        functions: Vec<FunctionConfig>,
        limits: Limits,
    ) -> Result<Self, ConfigError> {
        Self::build(Arc::new(Sandboxed(spawner)), host, clock, functions, limits)
    }

    pub(crate) fn build(
        launch: Arc<dyn Launch>,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
        functions: Vec<FunctionConfig>,
        limits: Limits,
    ) -> Result<Self, ConfigError> {
        let core = Arc::new(Core {
            platform: Platform::new(launch, host, clock, limits),
            pools: RwLock::default(),
            unreserved: Arc::new(Semaphore::new(limits.unreserved_concurrency as usize)),
            busy: watch::Sender::new(0),
            closing: AtomicBool::new(false),
        });
        let runtime = Self(core);
        runtime.replace(functions)?;
        tokio::spawn(sweep(Arc::downgrade(&runtime.0), limits.idle_life));
        Ok(runtime)
    }

    /// Replaces all functions: running invocations end in the old sandboxes, new ones start in new sandboxes.
    ///
    /// On an error nothing is replaced.
    pub fn replace(&self, functions: Vec<FunctionConfig>) -> Result<(), ConfigError> {
        let mut pools = HashMap::new();
        for function in functions {
            function.check()?;
            layers::binds(&function)?;
            let name = function.name.clone();
            let pool = Pool::new(&self.0.platform, function, &self.0.unreserved);
            if pools.insert(name.clone(), pool).is_some() {
                return Err(ConfigError::Duplicate(name));
            }
        }
        let old = std::mem::replace(&mut *self.0.pools.write().unwrap_or_else(PoisonError::into_inner), pools);
        for pool in old.values() {
            pool.retire();
        }
        Ok(())
    }

    /// Invokes a function and waits for its answer. The invocation goes on if the returned future is dropped.
    pub async fn invoke(&self, function: &str, invocation: Invocation) -> Result<Invoked, InvokeError> {
        let (size, limit) = (invocation.payload.len(), PAYLOAD_LIMIT);
        if size > limit {
            return Err(InvokeError::TooLarge { size, limit });
        }
        let pool = self.pool(function)?;
        let busy = self.begin()?;
        detached(async move {
            let _busy = busy;
            pool.invoke(invocation).await
        })
        .await
    }

    /// Runs `code`, which defines `handler(event, context)`, in a fresh sandbox exactly like the function's: same
    /// mounts, environment, limits and descriptors, and credentials of the same role. It counts towards no concurrency
    /// limit. What is returned is Lambda's error object if the probe failed, crashed or timed out.
    pub async fn probe(&self, function: &str, code: &str, payload: Bytes) -> Result<Bytes, InvokeError> {
        let pool = self.pool(function)?;
        let busy = self.begin()?;
        let code = code.to_owned();
        detached(async move {
            let _busy = busy;
            let call = Invocation::new(RequestId::random(), payload);
            pool.probe(call, &code).await.map(|invoked| invoked.payload)
        })
        .await
    }

    /// Lets running invocations finish, then ends every sandbox. Later invocations are refused.
    pub async fn drain(&self) {
        self.0.closing.store(true, Ordering::SeqCst);
        let mut busy = self.0.busy.subscribe();
        let _ = tokio::time::timeout(self.0.platform.limits.drain_grace, busy.wait_for(|count| *count == 0)).await;
        let pools = self.0.pools.read().unwrap_or_else(PoisonError::into_inner).clone();
        for pool in pools.values() {
            pool.retire();
        }
        self.0.platform.end_all().await;
    }

    fn pool(&self, function: &str) -> Result<Arc<Pool>, InvokeError> {
        let pools = self.0.pools.read().unwrap_or_else(PoisonError::into_inner);
        pools.get(function).cloned().ok_or_else(|| InvokeError::NotFound(function.chars().take(200).collect()))
    }

    fn begin(&self) -> Result<Busy, InvokeError> {
        let busy = Busy::new(&self.0);
        // Judged after it is counted: `drain` either sees the count or is seen here.
        if self.0.closing.load(Ordering::SeqCst) {
            return Err(InvokeError::Platform("it is shutting down".to_owned()));
        }
        Ok(busy)
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pools = self.0.pools.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Runtime").field("functions", &pools.len()).finish_non_exhaustive()
    }
}

/// A call that runs; [`Runtime::drain`] waits for it.
struct Busy(Arc<Core>);

impl Busy {
    fn new(core: &Arc<Core>) -> Self {
        core.busy.send_modify(|count| *count += 1);
        Self(Arc::clone(core))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.send_modify(|count| *count -= 1);
    }
}

/// Runs a call to its end even if nobody waits for it any more: a sandbox must not be left in the middle of one.
async fn detached<T: Send + 'static>(
    call: impl Future<Output = Result<T, InvokeError>> + Send + 'static,
) -> Result<T, InvokeError> {
    tokio::spawn(call).await.unwrap_or_else(|e| Err(InvokeError::Platform(e.to_string())))
}

async fn sweep(core: Weak<Core>, idle_life: Duration) {
    loop {
        tokio::time::sleep((idle_life / 4).clamp(Duration::from_millis(50), Duration::from_secs(15))).await;
        let Some(core) = core.upgrade() else { return };
        let pools = core.pools.read().unwrap_or_else(PoisonError::into_inner).clone();
        for pool in pools.values() {
            pool.sweep(idle_life);
        }
    }
}
