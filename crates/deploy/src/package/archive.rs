//! A package as one zip: what lies in the deployment bucket.

use std::fs::File;
use std::io::{Cursor, Read as _, Seek, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::PackageError;

/// Lambda's limit of an unzipped package.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MOST_BYTES: u64 = 250 * 1024 * 1024;
/// The most files; a bound against packages made to exhaust inodes.
const MOST_FILES: usize = 100_000;
/// What never belongs into a package.
const LEFT_OUT: [&str; 2] = [".git", ".aws-sam"];
/// Left out of what is read from a developer's folder; made anew once the package is complete.
const COMPILED: &str = "__pycache__";

/// A built package.
#[derive(Clone, Debug)]
pub struct Package {
    /// SHA-256 of what went into it, in hex: equal input, equal package.
    pub digest: String,
    /// The zip file.
    pub bytes: Vec<u8>,
}

/// The files below a folder, sorted, links that stay inside resolved.
pub(super) fn files(folder: &Path, compiled: bool) -> Result<Vec<(String, PathBuf)>, PackageError> {
    let base = folder.canonicalize().map_err(PackageError::io(folder))?;
    let (mut found, mut open, mut bytes) = (Vec::new(), vec![base.clone()], 0_u64);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).map_err(PackageError::io(&next))? {
            let path = entry.map_err(PackageError::io(&next))?.path();
            let left_out =
                |name: &std::ffi::OsStr| LEFT_OUT.iter().any(|left| name == *left) || (name == COMPILED && !compiled);
            if path.file_name().is_some_and(left_out) {
                continue;
            }
            let real = path.canonicalize().map_err(PackageError::io(&path))?;
            if !real.starts_with(&base) {
                return Err(PackageError::EscapingLink(path));
            }
            let meta = real.metadata().map_err(PackageError::io(&path))?;
            if meta.is_dir() && real == path {
                open.push(path);
            } else if meta.is_file() {
                bytes += meta.len();
                let name = path.strip_prefix(&base).unwrap_or(&path).to_string_lossy().into_owned();
                found.push((name, real));
            }
        }
        if bytes > MOST_BYTES || found.len() > MOST_FILES {
            return Err(PackageError::TooLarge { path: folder.to_owned(), limit: MOST_BYTES });
        }
    }
    found.sort();
    Ok(found)
}

/// SHA-256 over names and contents, in hex.
pub(super) fn digest_of(files: &[(String, PathBuf)], salt: &str) -> Result<String, PackageError> {
    let mut hash = Context::new(&SHA256);
    hash.update(salt.as_bytes());
    for (name, path) in files {
        let bytes = std::fs::read(path).map_err(PackageError::io(path))?;
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    Ok(hex::encode(hash.finish()))
}

/// Packs a folder into a zip.
pub fn archive(folder: &Path, digest: String) -> Result<Package, PackageError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let bad =
        |error: zip::result::ZipError| PackageError::Archive { path: folder.to_owned(), reason: error.to_string() };
    for (name, path) in files(folder, true)? {
        let bytes = std::fs::read(&path).map_err(PackageError::io(&path))?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(if is_executable(&path) { 0o755 } else { 0o644 });
        writer.start_file(name, options).map_err(bad)?;
        writer.write_all(&bytes).map_err(PackageError::io(&path))?;
    }
    let bytes = writer.finish().map_err(bad)?.into_inner();
    Ok(Package { digest, bytes })
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

/// Unpacks a zip into an empty folder: names that lead out of it, links and bombs are refused.
pub fn unpack(source: impl std::io::Read + Seek, label: &Path, folder: &Path) -> Result<(), PackageError> {
    let bad = |reason: String| PackageError::Archive { path: label.to_owned(), reason };
    let mut zip = ZipArchive::new(source).map_err(|error| bad(error.to_string()))?;
    if zip.len() > MOST_FILES {
        return Err(bad(format!("it holds more than {MOST_FILES} files")));
    }
    let mut left = MOST_BYTES;
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).map_err(|error| bad(error.to_string()))?;
        let Some(name) = entry.enclosed_name() else {
            return Err(bad(format!("the name `{}` leads out of it", entry.name().unwrap_or_default())));
        };
        if entry.is_symlink() {
            return Err(bad(format!("`{}` is a link", entry.name().unwrap_or_default())));
        }
        let path = folder.join(name);
        if entry.is_dir() {
            std::fs::create_dir_all(&path).map_err(PackageError::io(&path))?;
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(PackageError::io(parent))?;
        }
        let mode = entry.unix_mode();
        let mut file = File::create(&path).map_err(PackageError::io(&path))?;
        // The size in the header is the archive's own claim; what comes out is what counts.
        let copied = std::io::copy(&mut entry.by_ref().take(left + 1), &mut file).map_err(PackageError::io(&path))?;
        left = left
            .checked_sub(copied)
            .ok_or_else(|| PackageError::TooLarge { path: label.to_owned(), limit: MOST_BYTES })?;
        set_executable(&path, mode.is_some_and(|mode| mode & 0o111 != 0))?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_executable(path: &Path, executable: bool) -> Result<(), PackageError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if executable { 0o555 } else { 0o444 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).map_err(PackageError::io(path))
}

#[cfg(not(unix))]
fn set_executable(_: &Path, _: bool) -> Result<(), PackageError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_comes_back_as_it_was() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir(from.path().join("pkg")).unwrap();
        std::fs::write(from.path().join("pkg/a.py"), "x = 1\n").unwrap();
        std::fs::write(from.path().join("app.py"), "import pkg\n").unwrap();
        let package = archive(from.path(), "d".into()).unwrap();
        unpack(Cursor::new(package.bytes), Path::new("p"), to.path()).unwrap();
        assert_eq!(std::fs::read_to_string(to.path().join("pkg/a.py")).unwrap(), "x = 1\n");
        let names: Vec<_> = files(to.path(), false).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["app.py", "pkg/a.py"]);
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("../evil", SimpleFileOptions::default()).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        let to = tempfile::tempdir().unwrap();
        let error = unpack(Cursor::new(bytes), Path::new("p.zip"), to.path()).unwrap_err();
        assert_eq!(error.to_string(), "`p.zip` is not a usable zip file: the name `../evil` leads out of it");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_refused() {
        let from = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", from.path().join("data")).unwrap();
        assert!(matches!(files(from.path(), false), Err(PackageError::EscapingLink(_))));
    }
}
