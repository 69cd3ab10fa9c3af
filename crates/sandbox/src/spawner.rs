//! The platform's side of the spawner.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::error::SandboxError;
use crate::layer::Layer;
use crate::sandbox::Sandbox;
use crate::spec::SandboxSpec;
use crate::wire::{self, Reply, Request};

/// Longer than the spawner itself waits for one sandbox.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the spawner is started.
#[derive(Debug, Clone)]
pub struct SpawnerOptions {
    /// The binary that runs [`crate::spawner_main`] when called with [`crate::SPAWNER_ARG`].
    pub exe: PathBuf,
    /// Stable names of layers that may be missing. A layer named here is still used where the machine has it.
    pub allow_unenforced: Vec<String>,
    /// Layers to take away, to prove that the probes notice.
    #[cfg(feature = "test-without-layers")]
    pub without: Vec<Layer>,
}

impl Default for SpawnerOptions {
    fn default() -> Self {
        Self {
            exe: PathBuf::from("/proc/self/exe"),
            allow_unenforced: Vec::new(),
            #[cfg(feature = "test-without-layers")]
            without: Vec::new(),
        }
    }
}

/// A spawner process, replaced when it dies. Dropping it ends every sandbox that it made.
#[derive(Debug)]
pub struct Spawner {
    exe: PathBuf,
    allow_unenforced: Vec<Layer>,
    without: Vec<Layer>,
    connection: Mutex<Option<Connection>>,
    layers: Mutex<Vec<Layer>>,
}

#[derive(Debug)]
struct Connection {
    socket: Option<UnixStream>,
    process: Child,
}

impl Spawner {
    /// Starts the spawner and checks that this machine has every layer.
    pub fn start(options: SpawnerOptions) -> Result<Self, SandboxError> {
        let allow_unenforced = options.allow_unenforced.iter().map(|id| allowed(id)).collect::<Result<_, _>>()?;
        let spawner = Self {
            exe: options.exe,
            allow_unenforced,
            #[cfg(feature = "test-without-layers")]
            without: options.without,
            #[cfg(not(feature = "test-without-layers"))]
            without: Vec::new(),
            connection: Mutex::new(None),
            layers: Mutex::new(Vec::new()),
        };
        let connection = spawner.connect()?;
        *lock(&spawner.connection) = Some(connection);
        Ok(spawner)
    }

    /// Makes a sandbox; blocks for some milliseconds. When the spawner died, starts a new one first.
    pub fn spawn(&self, spec: &SandboxSpec) -> Result<Sandbox, SandboxError> {
        self.spawn_as(spec, false)
    }

    pub(crate) fn spawn_as(&self, spec: &SandboxSpec, probe: bool) -> Result<Sandbox, SandboxError> {
        let mut connection = lock(&self.connection);
        if let Some(living) = connection.as_ref()
            && let Ok(answer) = living.spawn(spec, probe)
        {
            return answer;
        }
        // It died, and its sandboxes with it: nothing of this one can have remained.
        *connection = None;
        let fresh = connection.insert(self.connect()?);
        fresh.spawn(spec, probe).map_err(SandboxError::spawner)?
    }

    /// The layers in force in every sandbox of this spawner.
    #[must_use]
    pub fn layers(&self) -> Vec<Layer> {
        lock(&self.layers).clone()
    }

    /// The process id of the spawner, for those who watch processes; `None` while it is being replaced.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        lock(&self.connection).as_ref().map(|connection| connection.process.id())
    }

    fn connect(&self) -> Result<Connection, SandboxError> {
        let (socket, theirs) = UnixStream::pair().map_err(SandboxError::spawner)?;
        socket.set_read_timeout(Some(PATIENCE)).map_err(SandboxError::spawner)?;
        let process = Command::new(&self.exe)
            .arg(crate::SPAWNER_ARG)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .spawn()
            .map_err(|e| SandboxError::spawner(format!("`{}` cannot be started: {e}", self.exe.display())))?;
        let connection = Connection { socket: Some(socket), process };
        let hello = Request::Hello { allow_unenforced: self.allow_unenforced.clone(), without: self.without.clone() };
        match connection.ask(&hello, &[]).map_err(SandboxError::spawner)? {
            (Reply::Ready { layers }, _) => *lock(&self.layers) = layers,
            (Reply::Refused(failure), _) => return Err(failure.into()),
            (Reply::Started { .. }, _) => return Err(SandboxError::spawner("it answered out of turn")),
        }
        Ok(connection)
    }
}

impl Connection {
    /// The outer error means that the spawner is gone.
    fn spawn(&self, spec: &SandboxSpec, probe: bool) -> std::io::Result<Result<Sandbox, SandboxError>> {
        let lengths: Vec<[u8; 4]> =
            spec.files.iter().map(|file| u32::try_from(file.bytes.len()).unwrap_or(u32::MAX).to_le_bytes()).collect();
        let blobs: Vec<&[u8]> = lengths
            .iter()
            .zip(&spec.files)
            .flat_map(|(length, file)| [length.as_slice(), file.bytes.as_slice()])
            .collect();
        let request = Request::Spawn { spec: spec.clone(), probe };
        let (reply, fds) = self.ask(&request, &blobs)?;
        Ok(match reply {
            Reply::Started { pid, handles } => Sandbox::new(pid, handles, fds, spec.listen.len()),
            Reply::Refused(failure) => Err(failure.into()),
            Reply::Ready { .. } => return Err(std::io::ErrorKind::InvalidData.into()),
        })
    }

    fn ask(&self, request: &Request, blobs: &[&[u8]]) -> std::io::Result<(Reply, Vec<OwnedFd>)> {
        let socket = self.socket.as_ref().ok_or(std::io::ErrorKind::NotConnected)?;
        wire::send(socket, request, blobs, &[])?;
        let (reply, _, fds) = wire::receive(socket)?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Ok((reply, fds))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Closing is the order to end; the spawner then kills and removes what it made, which it alone knows.
        self.socket = None;
        drop(self.process.wait());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn allowed(id: &str) -> Result<Layer, SandboxError> {
    Layer::from_id(id).filter(|layer| layer.can_be_unenforced()).ok_or_else(|| {
        let optional = Layer::ALL.iter().filter(|layer| layer.can_be_unenforced());
        let names: Vec<String> = optional.map(|layer| format!("`{layer}`")).collect();
        SandboxError::UnknownLayer(id.to_owned(), names.join(", "))
    })
}
