//! Takes the example app into the binary, so that `demo` has it wherever it is run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let examples = manifest.join("../../examples");
    println!("cargo::rerun-if-changed={}", examples.display());
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(&examples)? {
        let path = entry?.path();
        folders.extend(path.is_dir().then_some(path));
    }
    folders.sort();
    let example = folders.first().ok_or("`examples` holds no app")?;
    let mut files = Vec::new();
    collect(example, &mut files)?;
    files.sort();
    let name = example.file_name().and_then(|name| name.to_str()).ok_or("the example's name is no text")?;
    let mut code = format!("/// The example's folder.\npub(crate) const NAME: &str = {name:?};\n");
    code.push_str(
        "/// Its files: paths below its folder, and contents.\npub(crate) const FILES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        let inner = file.strip_prefix(example)?.to_str().ok_or("a file's name is no text")?;
        let real = file.canonicalize()?;
        let real = real.to_str().ok_or("the checkout's path is no text")?;
        writeln!(code, "    ({inner:?}, include_str!({real:?})),")?;
    }
    code.push_str("];\n");
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("example.rs"), code)?;
    Ok(())
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("__pycache__") {
            collect(&path, into)?;
        } else if path.is_file() {
            into.push(path);
        }
    }
    Ok(())
}
