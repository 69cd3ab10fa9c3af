//! Where things lie.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};

use crate::AppError;

/// The folders of one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// State: stores, objects, logs, audit. All of it encrypted.
    pub data: PathBuf,
    /// The root key for development; outside of `data`.
    pub root_key: PathBuf,
    /// Packages of the index, which are no secret.
    pub cache: PathBuf,
    /// The socket of the running app.
    pub control: PathBuf,
}

impl Paths {
    /// The folders for a template and, if the user chose one, a data folder.
    pub fn new(template: &Path, data: Option<&Path>) -> Result<Self, AppError> {
        let home = home();
        let data = data.map_or_else(|| default_data(&home, template), Path::to_path_buf);
        let data = std::path::absolute(&data).map_err(AppError::io(&data, "give a path that exists"))?;
        Ok(Self {
            root_key: xdg("XDG_CONFIG_HOME", &home, ".config").join("burgward/root.key"),
            cache: xdg("XDG_CACHE_HOME", &home, ".cache").join("burgward"),
            control: runtime_dir().join(format!("{}.sock", short_hash(&data))),
            data,
        })
    }
}

fn home() -> PathBuf {
    std::env::var_os("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from)
}

fn xdg(variable: &str, home: &Path, fallback: &str) -> PathBuf {
    let given = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    given.unwrap_or_else(|| home.join(fallback))
}

fn default_data(home: &Path, template: &Path) -> PathBuf {
    let folder = template.parent().and_then(Path::file_name).map_or_else(|| "app".into(), |n| n.to_string_lossy());
    let name: String = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
    xdg("XDG_DATA_HOME", home, ".local/share").join("burgward").join(format!("{name}-{}", short_hash(template)))
}

/// A folder for sockets: short, since a socket's path has at most 107 bytes, and private to the user.
fn runtime_dir() -> PathBuf {
    let user = rustix::process::getuid().as_raw();
    let given = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_dir());
    given.map_or_else(|| PathBuf::from(format!("/tmp/burgward-{user}")), |dir| dir.join("burgward"))
}

/// Eight bytes of a path's hash, in hex.
pub(crate) fn short_hash(path: &Path) -> String {
    let hash = digest(&SHA256, path.to_string_lossy().as_bytes());
    hex::encode(hash.as_ref().get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_apps_of_one_folder_name_do_not_share_data() {
        let a = Paths::new(Path::new("/a/shop/template.yaml"), None).unwrap();
        let b = Paths::new(Path::new("/b/shop/template.yaml"), None).unwrap();
        assert_ne!(a.data, b.data);
        assert!(a.control.as_os_str().len() < 108);
        assert!(!a.root_key.starts_with(&a.data));
    }
}
