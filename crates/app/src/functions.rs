//! Functions of the template as the runtime is to run them: interpreter, code, layers, environment.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Duration;

use burgward_deploy::package::{Interpreter, PackageError, build_function, runtime_layer, unpack};
use burgward_deploy::{Deployed, Deployment, Interpreters};
use burgward_runtime::{Bind, FunctionConfig, PythonRuntime};
use burgward_template::model::{App, Function, LayerRef};

use crate::{AppError, Config, Paths};

/// The system's own folders that an interpreter and a shell need, where they exist.
const SYSTEM: [&str; 5] = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives"];

/// Builds the functions of one app.
pub(crate) struct Builder<'a> {
    pub(crate) app: &'a App,
    pub(crate) deployment: &'a Deployment<'a>,
    pub(crate) deployed: &'a Deployed,
    pub(crate) config: &'a Config,
    pub(crate) paths: &'a Paths,
    /// The template's folder.
    pub(crate) folder: &'a Path,
    /// Where code is unpacked: in memory, readable by nothing but the sandboxes it is bound into.
    pub(crate) code: &'a Path,
    /// By the runtime that a function names.
    pub(crate) interpreters: &'a Interpreters,
    pub(crate) progress: &'a (dyn Fn(&str) + Sync),
}

impl Builder<'_> {
    /// Every function of the app.
    pub(crate) async fn functions(&self) -> Result<Vec<FunctionConfig>, AppError> {
        let mut sdks: HashMap<&str, PathBuf> = HashMap::new();
        let mut built = Vec::with_capacity(self.app.functions.len());
        for function in &self.app.functions {
            let Some((runtime, python)) = self.interpreters.get(&function.runtime.value) else {
                return Err(PackageError::UnknownRuntime(function.runtime.value.clone()).into());
            };
            if !sdks.contains_key(runtime.as_str()) {
                sdks.insert(runtime, runtime_layer(python, &self.paths.cache, self.progress)?);
            }
            if let Some(sdk) = sdks.get(runtime.as_str()) {
                built.push(self.function(function, runtime, python, sdk).await?);
            }
        }
        Ok(built)
    }

    async fn function(
        &self,
        function: &Function,
        runtime: &str,
        python: &Interpreter,
        sdk: &Path,
    ) -> Result<FunctionConfig, AppError> {
        let code_dir = self.code.join("functions").join(&function.logical_id);
        self.code_of(function, python, &code_dir).await?;
        let mut layer_dirs = Vec::with_capacity(function.layers.len());
        for layer in &function.layers {
            layer_dirs.push(self.layer(&layer.value, python).await?);
        }
        let mut binds = interpreter_binds(python);
        binds.push(Bind { source: sdk.to_owned(), target: format!("/var/lang/lib/{runtime}/site-packages") });
        let env = self.deployed.environment.get(&function.logical_id).cloned().unwrap_or_default();
        let config = FunctionConfig {
            name: function.name.clone(),
            arn: function.arn.clone(),
            version: "$LATEST".into(),
            handler: function.handler.value.clone(),
            runtime: PythonRuntime::parse(runtime).map_err(AppError::refusal("function"))?,
            interpreter: python.executable.clone(),
            interpreter_binds: binds,
            code_dir,
            layer_dirs,
            env,
            memory_mb: function.memory_mb.value,
            timeout: Duration::from_secs(u64::from(function.timeout_secs.value)),
            tmp_mb: function.tmp_mb.value,
            isolation: self.config.isolation_of(&function.logical_id),
            max_concurrency: function.reserved_concurrency.as_ref().map(|limit| limit.value),
            log_group: function.log_group.clone(),
        };
        config.check().map_err(|error| AppError::Refusal { part: "function", message: error.to_string() })?;
        Ok(config)
    }

    /// Builds the package if its input is new, keeps it in the deployment bucket, and unpacks it into memory.
    async fn code_of(&self, function: &Function, python: &Interpreter, to: &Path) -> Result<(), AppError> {
        if let Some(code) = &function.inline_code {
            make_dir(to)?;
            let file = to.join("index.py");
            return std::fs::write(&file, &code.value).map_err(AppError::io(&file, "code is unpacked here"));
        }
        self.package(&function.code_uri.value, &function.code_uri.span, python, to).await
    }

    async fn layer(&self, layer: &LayerRef, python: &Interpreter) -> Result<PathBuf, AppError> {
        let local = match layer {
            LayerRef::Local(id) => self.app.layers.iter().find(|layer| layer.logical_id == *id),
            LayerRef::Published(_) => None,
        };
        let Some(local) = local else {
            return Err(AppError::Refusal { part: "layer", message: format!("{layer:?} is published elsewhere") });
        };
        let to = self.code.join("layers").join(&local.logical_id);
        if !to.is_dir() {
            self.package(&local.content_uri.value, &local.content_uri.span, python, &to).await?;
        }
        Ok(to)
    }

    async fn package(
        &self,
        uri: &str,
        span: &burgward_diag::Span,
        python: &Interpreter,
        to: &Path,
    ) -> Result<(), AppError> {
        let source = inside(self.folder, uri)?;
        let digest = burgward_deploy::package::digest(&source, python)?;
        let key = format!("packages/{digest}.zip");
        let bytes = if let Some(bytes) = self.deployment.read_package(&key, span).await? {
            bytes
        } else {
            let package = build_function(&source, python, &self.paths.cache, self.progress)?;
            self.deployment.write_package(&key, package.bytes.clone(), span).await?;
            package.bytes
        };
        make_dir(to)?;
        unpack(Cursor::new(bytes), &source, to)?;
        Ok(())
    }
}

/// The interpreter's tree, and the system's libraries that it is linked with.
fn interpreter_binds(python: &Interpreter) -> Vec<Bind> {
    let same = |path: &Path| Bind { source: path.to_owned(), target: path.to_string_lossy().into_owned() };
    let mut binds: Vec<Bind> = SYSTEM.iter().map(Path::new).filter(|path| path.exists()).map(same).collect();
    if !python.base_prefix.starts_with("/usr") {
        binds.push(same(&python.base_prefix));
    }
    binds
}

/// A path of the template, which must not lead out of the app's folder.
fn inside(folder: &Path, uri: &str) -> Result<PathBuf, AppError> {
    let base = folder.canonicalize().map_err(AppError::io(folder, "the template's folder"))?;
    let path = folder.join(uri);
    let real = path.canonicalize().map_err(AppError::io(&path, "`CodeUri` names this path"))?;
    if real.starts_with(&base) {
        return Ok(real);
    }
    let hint = "code is taken from the template's own folder";
    Err(AppError::Usage { flag: "CodeUri", value: uri.to_owned(), reason: "it leads out of the folder".into(), hint })
}

fn make_dir(path: &Path) -> Result<(), AppError> {
    std::fs::create_dir_all(path).map_err(AppError::io(path, "code is unpacked here"))
}
