//! Python packages by pip: wheels only, never in the user's environment.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Interpreter, Package, PackageError, archive, unpack};

/// The SDK that Lambda's Python runtimes bring along, pinned by hash.
const SDK_REQUIREMENTS: &str = include_str!("sdk-requirements.txt");

/// Told what is being done, a line each; the caller decides how to show it.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// The folder with the runtime's own packages (boto3 and what it needs), made once and kept in `cache`.
pub fn runtime_layer(python: &Interpreter, cache: &Path, progress: Progress<'_>) -> Result<PathBuf, PackageError> {
    let digest = super::archive::digest_of(&[], &format!("{}\n{SDK_REQUIREMENTS}", python.version))?;
    let name = format!("runtime-python{}-{}", python.version, digest.get(..16).unwrap_or(&digest));
    let done = cache.join(name);
    if done.is_dir() {
        return Ok(done);
    }
    std::fs::create_dir_all(cache).map_err(PackageError::io(cache))?;
    let work = scratch(cache)?;
    let list = work.join("requirements.txt");
    std::fs::write(&list, SDK_REQUIREMENTS).map_err(PackageError::io(&list))?;
    let tree = work.join("tree");
    progress("installing the AWS SDK for Python (once)");
    install(python, cache, &list, &tree, "the Python runtime")?;
    compile(python, &tree);
    // Another process may have been quicker: then its folder, made from the same pins, serves as well.
    if let Err(error) = std::fs::rename(&tree, &done)
        && !done.is_dir()
    {
        return Err(PackageError::Io { path: done, source: error });
    }
    drop(std::fs::remove_dir_all(&work));
    Ok(done)
}

/// What a function's package is made of, as a digest: equal input, equal package.
pub fn digest(source: &Path, python: &Interpreter) -> Result<String, PackageError> {
    let files =
        if source.is_file() { vec![(String::new(), source.to_owned())] } else { super::archive::files(source, false)? };
    super::archive::digest_of(&files, &python.version)
}

/// Builds a function's package out of its folder or zip file.
pub fn build_function(
    source: &Path,
    python: &Interpreter,
    cache: &Path,
    progress: Progress<'_>,
) -> Result<Package, PackageError> {
    std::fs::create_dir_all(cache).map_err(PackageError::io(cache))?;
    let work = scratch(cache)?;
    let result = build_in(&work, source, python, cache, progress);
    drop(std::fs::remove_dir_all(&work));
    result
}

fn build_in(
    work: &Path,
    source: &Path,
    python: &Interpreter,
    cache: &Path,
    progress: Progress<'_>,
) -> Result<Package, PackageError> {
    let tree = work.join("tree");
    std::fs::create_dir_all(&tree).map_err(PackageError::io(&tree))?;
    let digest = digest(source, python)?;
    if source.is_file() {
        // A zip file is a finished package: its dependencies are inside already.
        let bytes = std::fs::read(source).map_err(PackageError::io(source))?;
        unpack(Cursor::new(bytes), source, &tree)?;
    } else {
        copy(&super::archive::files(source, false)?, &tree)?;
        let list = source.join("requirements.txt");
        if let Ok(text) = std::fs::read_to_string(&list)
            && super::requirements::check(&list, &text)?
        {
            progress(&format!("installing the packages of {}", source.display()));
            install(python, cache, &list, &tree, &source.display().to_string())?;
        }
    }
    compile(python, &tree);
    archive(&tree, digest)
}

fn copy(files: &[(String, PathBuf)], tree: &Path) -> Result<(), PackageError> {
    for (name, path) in files {
        let to = tree.join(name);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(PackageError::io(parent))?;
        }
        std::fs::copy(path, &to).map_err(PackageError::io(&to))?;
    }
    Ok(())
}

/// A fresh folder below the cache, so that a finished tree can be moved into place in one step.
fn scratch(cache: &Path) -> Result<PathBuf, PackageError> {
    let mut random = [0_u8; 8];
    // The generator aborts rather than failing; a repeated name would only make `create_dir` fail below.
    let _ = aws_lc_rs::rand::fill(&mut random);
    let folder = cache.join(format!(".work-{}", hex::encode(random)));
    std::fs::create_dir(&folder).map_err(PackageError::io(&folder))?;
    Ok(folder)
}

/// pip of an environment of our own: Debian's Python has none outside of virtual environments.
fn pip_python(python: &Interpreter, cache: &Path) -> Result<PathBuf, PackageError> {
    let home = cache.join(format!("pip-python{}", python.version));
    let program = home.join("bin/python");
    if program.is_file() && home.join("ready").is_file() {
        return Ok(program);
    }
    let output = Command::new(&python.executable)
        .args(["-I", "-m", "venv", "--clear"])
        .arg(&home)
        .output()
        .map_err(PackageError::io(&python.executable))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let output = format!("{}\n(Debian: sudo apt-get install python3-venv)", tail(&said));
        return Err(PackageError::Pip { what: "pip's own environment".into(), output });
    }
    std::fs::write(home.join("ready"), "").map_err(PackageError::io(&home))?;
    Ok(program)
}

fn install(python: &Interpreter, cache: &Path, list: &Path, tree: &Path, what: &str) -> Result<(), PackageError> {
    let program = pip_python(python, cache)?;
    let shown = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let child = Command::new(&program)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"])
        .args(["--only-binary", ":all:", "--progress-bar", if shown { "on" } else { "off" }, "--target"])
        .arg(tree)
        .arg("--requirement")
        .arg(list)
        .stdin(Stdio::null())
        .stdout(if shown { Stdio::from(std::io::stderr()) } else { Stdio::piped() })
        .stderr(Stdio::piped())
        .spawn()
        .map_err(PackageError::io(&program))?;
    let output = child.wait_with_output().map_err(PackageError::io(&program))?;
    if output.status.success() {
        return Ok(());
    }
    Err(PackageError::Pip { what: what.to_owned(), output: tail(&String::from_utf8_lossy(&output.stderr)) })
}

/// Compiles ahead of time: the function's folders are read-only, so it could never be done later.
///
/// Files that do not compile are left as they are; the import error then comes from the function itself, as on Lambda.
fn compile(python: &Interpreter, tree: &Path) {
    let mut command = Command::new(&python.executable);
    command.args(["-I", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]);
    drop(command.arg(tree).stdin(Stdio::null()).output());
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().rev().take(12).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
