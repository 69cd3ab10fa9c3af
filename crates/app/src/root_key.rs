//! The root key, from the best source there is.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use burgward_types::Secret;
use burgward_vault::{RootKey, Vault, sync_dir};

use crate::{AppError, Paths};

/// The variable that names a file with the passphrase; the passphrase itself never stands in the environment.
const PASSPHRASE_FILE: &str = "BURGWARD_PASSPHRASE_FILE";

/// Unlocks the data folder: passphrase, else systemd credential, else a 0600 file for development.
pub fn unlock(paths: &Paths) -> Result<Vault, AppError> {
    make_folder(&paths.data, 0o700)
        .map_err(AppError::io(&paths.data, "choose a folder you may write, with `--data`"))?;
    let root = root_key(paths)?;
    let vault = Vault::unlock(&root, &paths.data).map_err(AppError::refusal("root key"))?;
    #[cfg(feature = "test-without-layers")]
    let vault = vault.lacking(crate::without::named()?);
    Ok(vault)
}

fn root_key(paths: &Paths) -> Result<RootKey, AppError> {
    let vault = AppError::refusal("root key");
    if let Some(path) = std::env::var_os(PASSPHRASE_FILE) {
        let path = Path::new(&path);
        let text =
            std::fs::read_to_string(path).map_err(AppError::io(path, "BURGWARD_PASSPHRASE_FILE names this file"))?;
        let passphrase = Secret::new(text.trim_end_matches(['\n', '\r']).to_owned());
        return RootKey::from_passphrase(&passphrase, &paths.data).map_err(vault);
    }
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY")
        && Path::new(&folder).join("burgward-root-key").exists()
    {
        return RootKey::from_systemd_credential(Path::new(&folder)).map_err(vault);
    }
    let folder = paths.root_key.parent().unwrap_or(Path::new("/"));
    make_folder(folder, 0o777).map_err(AppError::io(folder, "the root key is kept here"))?;
    RootKey::from_file_0600(&paths.root_key, &paths.data, true).map_err(vault)
}

/// Makes a folder with those above it, each on the disk: a power cut must not take it with everything in it.
fn make_folder(path: &Path, mode: u32) -> std::io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    std::fs::DirBuilder::new().recursive(true).mode(mode).create(path)?;
    missing.iter().filter_map(|folder| folder.parent()).try_for_each(sync_dir)
}
