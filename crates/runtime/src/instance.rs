//! One sandbox from its start to its end.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use burgward_sandbox::Exit;
use burgward_types::{Clock, RequestId, SandboxId};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::api::{self, Answer, Api, Init, Work};
use crate::launch::{Launch, Launched, Process};
use crate::logs::{Logs, Sink};
use crate::outcome::{Failure, exit_words};
use crate::spec::{self, Ingredients};
use crate::{ConnectionSlot, FunctionConfig, Host, Limits};

/// Connections at once from one sandbox to the AWS endpoint; boto3 keeps ten a client.
const AWS_CONNECTIONS: usize = 128;
/// How long an ended sandbox may take to be gone.
const EXIT_GRACE: Duration = Duration::from_secs(5);

/// What every sandbox is made with, and the list of those that live.
pub(crate) struct Platform {
    pub(crate) launch: Arc<dyn Launch>,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    next_id: AtomicU64,
    living: watch::Sender<HashMap<SandboxId, Weak<Instance>>>,
}

impl Platform {
    pub(crate) fn new(
        launch: Arc<dyn Launch>,
        host: Arc<dyn Host>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Arc<Self> {
        let living = watch::Sender::new(HashMap::new());
        Arc::new(Self { launch, host, clock, limits, next_id: AtomicU64::new(1), living })
    }

    /// Ends every sandbox and waits until all are gone, for some seconds at most.
    pub(crate) async fn end_all(&self) {
        let all: Vec<Weak<Instance>> = self.living.borrow().values().cloned().collect();
        for instance in all.iter().filter_map(Weak::upgrade) {
            instance.end();
        }
        let mut living = self.living.subscribe();
        let _ = tokio::time::timeout(EXIT_GRACE, living.wait_for(HashMap::is_empty)).await;
    }

    fn stream_name(&self, version: &str) -> String {
        let date = self.clock.now().iso8601();
        let day = date.get(..10).unwrap_or_default().replace('-', "/");
        format!("{day}/[{version}]{}", RequestId::random().as_str().replace('-', ""))
    }
}

/// Keys that end with their sandbox, whichever way it ends.
struct Lease {
    host: Arc<dyn Host>,
    sandbox: SandboxId,
    over: AtomicBool,
}

impl Lease {
    fn end(&self) {
        if !self.over.swap(true, Ordering::AcqRel) {
            self.host.revoke(self.sandbox);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end();
    }
}

/// A running sandbox. Dropping it ends it.
pub(crate) struct Instance {
    pub(crate) id: SandboxId,
    pub(crate) api: Arc<Api>,
    pub(crate) logs: Arc<Logs>,
    process: Arc<dyn Process>,
    exit: watch::Receiver<Option<Exit>>,
    gate: Mutex<Gate>,
    servants: Servants,
}

/// Tasks that serve a sandbox and end with it.
struct Servants(Vec<AbortHandle>);

impl Drop for Servants {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

#[derive(Default)]
struct Gate {
    frozen: bool,
    busy: bool,
    /// Counts invocations, so that a late freeze notices that it is late.
    turn: u64,
}

/// What came of handing an invocation to a sandbox.
pub(crate) enum Outcome {
    Answered(Answer),
    Exited(Exit),
    TimedOut,
    /// The sandbox never fetched it: it was not run at all.
    Stuck,
}

/// Why a sandbox is not ready.
pub(crate) enum InitFault {
    Reported(Failure),
    Exited(Exit),
    TimedOut,
}

impl Instance {
    /// Starts a sandbox; its init code begins to run.
    pub(crate) async fn start(
        platform: &Arc<Platform>,
        function: &Arc<FunctionConfig>,
        probe: Option<&str>,
    ) -> Result<Arc<Self>, String> {
        let id = SandboxId(platform.next_id.fetch_add(1, Ordering::Relaxed));
        let credentials = platform.host.issue_credentials(function, id)?;
        let lease = Lease { host: Arc::clone(&platform.host), sandbox: id, over: AtomicBool::new(false) };
        let stream = platform.stream_name(&function.version);
        let ingredients = Ingredients { id, credentials: &credentials, log_stream: &stream, probe };
        let spec = spec::sandbox(function, &*platform.host, &ingredients).map_err(|e| e.to_string())?;
        let launch = Arc::clone(&platform.launch);
        let launched = tokio::task::spawn_blocking(move || launch.launch(&spec)).await.map_err(|e| e.to_string())??;
        let sink = Sink {
            host: Arc::clone(&platform.host),
            clock: Arc::clone(&platform.clock),
            function: Arc::clone(function),
            sandbox: id,
            stream,
        };
        Self::serve(platform, launched, sink, lease).map_err(|e| format!("a sandbox's descriptors are unusable: {e}"))
    }

    /// Attaches the host's servants to the sandbox's descriptors.
    fn serve(platform: &Arc<Platform>, launched: Launched, sink: Sink, lease: Lease) -> std::io::Result<Arc<Self>> {
        let Launched { listeners, stdout, stderr, process } = launched;
        let (id, api) = (lease.sandbox, Api::new());
        #[cfg(feature = "test-without-layers")]
        api.lack(platform.limits.without);
        let logs = Arc::new(Logs::new(sink, stdout, stderr)?);
        logs.platform(&format!("INIT_START Runtime Version: {}", logs.runtime_name()));
        let mut listeners = listeners.into_iter().map(|listener| {
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        });
        let mut listener = || listeners.next().unwrap_or_else(|| Err(std::io::ErrorKind::NotConnected.into()));
        let (runtime_api, aws) = (listener()?, listener()?);
        let process: Arc<dyn Process> = Arc::from(process);
        let gone = watch_exit(&*process)?;
        let host = Arc::clone(&platform.host);
        let pumped = Arc::clone(&logs);
        let servants = Servants(vec![
            tokio::spawn(api::serve(runtime_api, Arc::clone(&api))).abort_handle(),
            tokio::spawn(accept_aws(aws, host, id)).abort_handle(),
            tokio::spawn(async move { pumped.pump().await }).abort_handle(),
        ]);
        let (tell, exit) = watch::channel(None);
        let instance = Arc::new(Self {
            id,
            api,
            logs: Arc::clone(&logs),
            process: Arc::clone(&process),
            exit,
            gate: Mutex::default(),
            servants,
        });
        platform.living.send_modify(|living| {
            living.insert(id, Arc::downgrade(&instance));
        });
        let platform = Arc::clone(platform);
        tokio::spawn(async move {
            let exit = wait(&gone, &*process).await;
            lease.end();
            logs.finish();
            tell.send_replace(Some(exit));
            platform.living.send_modify(|living| {
                living.remove(&id);
            });
        });
        Ok(instance)
    }

    /// Waits for the end of the init phase.
    pub(crate) async fn initialized(&self, deadline: Instant) -> Result<(), InitFault> {
        let fault = tokio::select! {
            biased;
            init = self.api.initialized() => match init {
                Init::Done => return Ok(()),
                Init::Failed(failure) => InitFault::Reported(failure),
                Init::Running => InitFault::TimedOut,
            },
            exit = self.exited() => InitFault::Exited(exit),
            () = tokio::time::sleep_until(deadline) => InitFault::TimedOut,
        };
        Err(fault)
    }

    /// Hands an invocation over and waits for what comes of it.
    pub(crate) async fn run(&self, work: Work, deadline: Instant, fetch_grace: Duration) -> Outcome {
        self.thaw();
        let mut answer = self.api.submit(work);
        let mut fetched = false;
        loop {
            tokio::select! {
                biased;
                Ok(answer) = &mut answer => return Outcome::Answered(answer),
                exit = self.exited() => {
                    return if self.api.withdraw() { Outcome::Stuck } else { Outcome::Exited(exit) };
                }
                () = tokio::time::sleep_until(deadline) => return Outcome::TimedOut,
                // Only a runtime that dawdles after its last answer is ever found not to have fetched.
                () = tokio::time::sleep(fetch_grace), if !fetched => {
                    if self.api.withdraw() {
                        return Outcome::Stuck;
                    }
                    fetched = true;
                }
            }
        }
    }

    /// Resolves once the sandbox is gone.
    pub(crate) async fn exited(&self) -> Exit {
        let mut exit = self.exit.clone();
        let gone = exit.wait_for(Option::is_some).await;
        gone.ok().and_then(|exit| *exit).unwrap_or_default()
    }

    /// How the sandbox ended, if it did.
    pub(crate) fn is_gone(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Kills whatever runs inside. Its keys are revoked once it is gone, which is a matter of milliseconds.
    pub(crate) fn end(&self) {
        self.process.kill();
    }

    /// The memory charged to the sandbox now.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.process.memory_bytes()
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the sandbox run, for an invocation.
    fn thaw(&self) {
        let mut gate = self.gate();
        gate.busy = true;
        gate.turn += 1;
        if std::mem::take(&mut gate.frozen) && self.process.thaw().is_err() {
            // It cannot be used any more; the invocation finds it gone and another sandbox takes over.
            self.process.kill();
        }
    }

    /// The invocation is over: the sandbox is idle. Returns the turn that [`Instance::freeze`] wants.
    pub(crate) fn rest(&self) -> u64 {
        let mut gate = self.gate();
        gate.busy = false;
        gate.turn
    }

    /// Freezes the sandbox unless it was used since; one that cannot be frozen is ended, since it could work unseen.
    pub(crate) fn freeze(&self, turn: u64) {
        let mut gate = self.gate();
        if gate.busy || gate.turn != turn || gate.frozen || self.is_gone() {
            return;
        }
        match self.process.freeze() {
            Ok(()) => gate.frozen = true,
            Err(why) => {
                self.logs.platform(&format!("BURGWARD sandbox ended: it could not be frozen: {why}"));
                self.process.kill();
            }
        }
    }

    /// True if the sandbox was not used since `turn`.
    pub(crate) fn rests_since(&self, turn: u64) -> bool {
        let gate = self.gate();
        !gate.busy && gate.turn == turn
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.end();
    }
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("id", &self.id)
            .field("servants", &self.servants.0.len())
            .finish_non_exhaustive()
    }
}

impl InitFault {
    /// As it is logged and answered.
    pub(crate) fn status(&self) -> (&'static str, String) {
        match self {
            Self::Reported(failure) => ("error", failure.error_type.clone()),
            Self::Exited(exit) => ("error", exit_words(*exit)),
            Self::TimedOut => ("timeout", "Sandbox.Timedout".to_owned()),
        }
    }
}

#[expect(deprecated, reason = "the objection is to descriptors that may be closed meanwhile; this one is owned")]
fn watch_exit(process: &dyn Process) -> std::io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(process.exit_fd().try_clone_to_owned()?, Interest::READABLE)
}

async fn wait(gone: &AsyncFd<OwnedFd>, process: &dyn Process) -> Exit {
    loop {
        let ready = gone.readable().await;
        if let Some(exit) = process.try_wait() {
            return exit;
        }
        match ready {
            Ok(mut ready) => ready.clear_ready(),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn accept_aws(listener: TcpListener, host: Arc<dyn Host>, sandbox: SandboxId) {
    let slots = Arc::new(Semaphore::new(AWS_CONNECTIONS));
    // Beyond the limit connections wait in the listener's backlog, as they would at a busy server.
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                host.serve_aws(sandbox, stream, ConnectionSlot::new(slot));
            }
            // Out of descriptors, most likely: try again when some are free, not in a busy loop.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
