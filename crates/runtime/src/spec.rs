//! From a function to the sandbox it runs in.

use burgward_sandbox::{Bind, SandboxSpec, SmallFile};
use burgward_types::SandboxId;

use crate::environment::{self, CA_FILE, RUNTIME_API_PORT, SDK_CONFIG, SDK_CONFIG_FILE};
use crate::{ConfigError, FunctionConfig, FunctionCredentials, Host, layers};

const BOOTSTRAP_FILE: &str = "/var/runtime/bootstrap.py";
const BOOTSTRAP: &str = include_str!("python/bootstrap.py");
const PROBE_FILE: &str = "/var/runtime/burgward_probe.py";
const PROBE_HANDLER: &str = "burgward_probe.handler";
/// What the C library asks for when it looks up names and users; the host's own files never appear inside.
const SYSTEM_FILES: [(&str, &str); 5] = [
    ("/etc/hosts", "127.0.0.1 localhost\n"),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ("/etc/resolv.conf", "# no resolver: a function's network ends at its own loopback\n"),
    ("/etc/passwd", "root:x:0:0::/:/sbin/nologin\nsbx_user:x:993:990::/tmp:/sbin/nologin\n"),
    ("/etc/group", "root:x:0:\nsbx_user:x:990:\n"),
];
const MIB: u64 = 1024 * 1024;
/// Lambda gives one processor at 1,769 MB, and less memory less of one. Here one processor is the least: the limit is
/// there to contain a function, not to imitate a slow one.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MB_PER_PROCESSOR: u32 = 1769;

/// What differs between the sandboxes of one function.
pub(crate) struct Ingredients<'a> {
    pub(crate) id: SandboxId,
    pub(crate) credentials: &'a FunctionCredentials,
    pub(crate) log_stream: &'a str,
    /// Code that takes the handler's place.
    pub(crate) probe: Option<&'a str>,
}

/// The sandbox of a function; a probe's differs by its handler alone.
pub(crate) fn sandbox(
    function: &FunctionConfig,
    host: &dyn Host,
    ingredients: &Ingredients<'_>,
) -> Result<SandboxSpec, ConfigError> {
    let (region, endpoint) = (host.region(), host.aws_endpoint_url());
    let facts = environment::Facts {
        function,
        credentials: ingredients.credentials,
        region: &region,
        endpoint: &endpoint,
        log_stream: ingredients.log_stream,
    };
    let mut binds = function.interpreter_binds.clone();
    binds.push(Bind { source: function.code_dir.clone(), target: "/var/task".to_owned() });
    binds.extend(layers::binds(function)?);
    let file = |target: &str, text: &str| SmallFile { target: target.to_owned(), bytes: text.into(), mode: 0o444 };
    let mut files =
        vec![file(BOOTSTRAP_FILE, BOOTSTRAP), file(CA_FILE, &host.ca_pem()), file(SDK_CONFIG_FILE, SDK_CONFIG)];
    files.extend(SYSTEM_FILES.iter().map(|(target, text)| file(target, text)));
    files.extend(ingredients.probe.map(|code| file(PROBE_FILE, code)));
    let handler = if ingredients.probe.is_some() { PROBE_HANDLER } else { function.handler.as_str() };
    Ok(SandboxSpec {
        id: ingredients.id.0,
        label: function.name.clone(),
        argv: vec![
            function.interpreter.to_string_lossy().into_owned(),
            "-S".to_owned(),
            BOOTSTRAP_FILE.to_owned(),
            handler.to_owned(),
        ],
        env: environment::build(&facts),
        cwd: "/var/task".to_owned(),
        binds,
        files,
        tmp_bytes: u64::from(function.tmp_mb) * MIB,
        memory_bytes: u64::from(function.memory_mb) * MIB,
        cpu_millis: (function.memory_mb.saturating_mul(1000) / MB_PER_PROCESSOR).max(1000),
        pids_max: 1024,
        nofile: 1024,
        listen: vec![RUNTIME_API_PORT, host.aws_endpoint_port()],
    })
}
