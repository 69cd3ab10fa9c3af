//! Where the root key comes from.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU32;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::pbkdf2;
use burgward_types::Secret;
use zeroize::Zeroizing;

use crate::{VaultError, write_atomically};

/// Rounds of PBKDF2-HMAC-SHA256 for a new passphrase.
///
/// Source: <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#pbkdf2>
pub const PBKDF2_ROUNDS: u32 = 600_000;

const SALT_FILE: &str = "root-key.salt";
const CREDENTIAL: &str = "burgward-root-key";

/// The key that all others are derived from. It never lies in the data directory.
pub struct RootKey {
    key: Secret<[u8; 32]>,
    source: String,
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RootKey").field("source", &self.source).finish_non_exhaustive()
    }
}

impl RootKey {
    /// From a passphrase and the salt kept in the data directory, which is made on first use.
    pub fn from_passphrase(passphrase: &Secret<String>, data_dir: &Path) -> Result<Self, VaultError> {
        let length = passphrase.expose().chars().count();
        if length < 12 {
            return Err(VaultError::ShortPassphrase(length));
        }
        let (rounds, salt) = salt(data_dir)?;
        let mut key = Zeroizing::new([0_u8; 32]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, passphrase.expose().as_bytes(), &mut *key);
        let source = format!("passphrase (PBKDF2-HMAC-SHA256, {rounds} rounds)");
        Ok(Self { key: Secret::new(*key), source })
    }

    /// From the systemd credential `burgward-root-key` in `$CREDENTIALS_DIRECTORY`, which the caller reads.
    ///
    /// The file's mode is not judged: systemd keeps it in memory that only the unit's user can read, by an ACL
    /// that shows as group bits. Source: <https://systemd.io/CREDENTIALS/>
    pub fn from_systemd_credential(credentials_directory: &Path) -> Result<Self, VaultError> {
        let path = credentials_directory.join(CREDENTIAL);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let hint = "add `LoadCredentialEncrypted=burgward-root-key` to the unit";
                return Err(VaultError::Missing { path, hint });
            }
            Err(error) => return Err(VaultError::io("open", &path)(error)),
        };
        let key = read_key(&mut file, &path)?;
        Ok(Self { key, source: format!("systemd credential `{CREDENTIAL}`") })
    }

    /// From a file of mode 0600 that belongs to this user and lies outside the data directory; `create` makes it with a
    /// random key if it does not exist. Meant for development.
    pub fn from_file_0600(path: &Path, data_dir: &Path, create: bool) -> Result<Self, VaultError> {
        refuse_inside(path, data_dir)?;
        let mut file = match open_no_follow(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && create => {
                create_key_file(path)?;
                open_no_follow(path).map_err(VaultError::io("open", path))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let hint = "restore it from a backup, or let a first start create it";
                return Err(VaultError::Missing { path: path.to_owned(), hint });
            }
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                return Err(unsafe_file(path, "is a symbolic link".into(), "name the file itself".into()));
            }
            Err(error) => return Err(VaultError::io("open", path)(error)),
        };
        judge(&file, path)?;
        let key = read_key(&mut file, path)?;
        Ok(Self { key, source: format!("file `{}` (mode 0600)", path.display()) })
    }

    /// A random key that nobody keeps: what is sealed under it cannot be opened by a later process.
    pub fn ephemeral() -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0_u8; 32]);
        aws_lc_rs::rand::fill(&mut *key)?;
        Ok(Self { key: Secret::new(*key), source: "memory only (ephemeral)".into() })
    }

    /// Where the key came from, in words for the enforcement state.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        self.key.expose()
    }
}

/// The passphrase's salt and rounds, as `pbkdf2-sha256 ROUNDS HEX`; made on first use.
fn salt(data_dir: &Path) -> Result<(NonZeroU32, Vec<u8>), VaultError> {
    let path = data_dir.join(SALT_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse_salt(&text).ok_or(VaultError::Damaged { path }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut salt = [0_u8; 16];
            aws_lc_rs::rand::fill(&mut salt)?;
            let text = format!("pbkdf2-sha256 {PBKDF2_ROUNDS} {}\n", hex::encode(salt));
            write_atomically(&path, text.as_bytes()).map_err(VaultError::io("write", &path))?;
            parse_salt(&text).ok_or(VaultError::Damaged { path })
        }
        Err(error) => Err(VaultError::io("read", &path)(error)),
    }
}

fn parse_salt(text: &str) -> Option<(NonZeroU32, Vec<u8>)> {
    let mut words = text.split_whitespace();
    if words.next()? != "pbkdf2-sha256" {
        return None;
    }
    // Fewer rounds than ours can only be somebody's alteration; ten million would be a way to make the start hang.
    let rounds = words.next()?.parse::<u32>().ok().filter(|rounds| (PBKDF2_ROUNDS..=10_000_000).contains(rounds))?;
    let salt = hex::decode(words.next()?).ok().filter(|salt| salt.len() == 16)?;
    Some((NonZeroU32::new(rounds)?, salt))
}

/// A key beside the data it opens protects nothing: a copy of the directory would hold both.
fn refuse_inside(path: &Path, data_dir: &Path) -> Result<(), VaultError> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let inside = match (nearest_real(parent), data_dir.canonicalize()) {
        (Some(parent), Ok(data)) => parent.starts_with(data),
        _ => path.starts_with(data_dir),
    };
    if inside {
        let hint = "keep it elsewhere, such as `~/.config/burgward/root-key`".to_owned();
        return Err(unsafe_file(path, format!("lies in the data directory `{}`", data_dir.display()), hint));
    }
    Ok(())
}

/// The path with its existing part resolved.
fn nearest_real(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|ancestor| {
        let ancestor = if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor };
        ancestor.canonicalize().ok().map(|real| real.join(path.strip_prefix(ancestor).unwrap_or(Path::new(""))))
    })
}

fn open_no_follow(path: &Path) -> std::io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    std::fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

fn create_key_file(path: &Path) -> Result<(), VaultError> {
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(parent).map_err(VaultError::io("create", parent))?;
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    aws_lc_rs::rand::fill(&mut *key)?;
    let text = Zeroizing::new(hex::encode(*key));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(VaultError::io("create", path))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(VaultError::io("write", path))?;
    path.parent().map_or(Ok(()), crate::sync_dir).map_err(VaultError::io("sync the directory of", path))
}

/// Judges the open file, not its name, so that it cannot be exchanged in between.
fn judge(file: &File, path: &Path) -> Result<(), VaultError> {
    let meta = file.metadata().map_err(VaultError::io("look at", path))?;
    if !meta.is_file() {
        return Err(unsafe_file(path, "is no regular file".into(), "name a regular file".into()));
    }
    let user = rustix::process::geteuid().as_raw();
    if meta.uid() != user {
        let problem = format!("belongs to user {}, not to user {user} who runs this", meta.uid());
        return Err(unsafe_file(path, problem, format!("run `chown {user} {}`", path.display())));
    }
    let mode = meta.mode() & 0o7777;
    if mode & 0o177 != 0 {
        let problem = format!("has mode {mode:04o}, so that others may read or change it");
        return Err(unsafe_file(path, problem, format!("run `chmod 600 {}`", path.display())));
    }
    Ok(())
}

fn unsafe_file(path: &Path, problem: String, hint: String) -> VaultError {
    VaultError::Unsafe { path: path.to_owned(), problem, hint }
}

/// 32 raw bytes, or 64 hexadecimal digits with white space around them.
fn read_key(file: &mut File, path: &Path) -> Result<Secret<[u8; 32]>, VaultError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(128));
    file.take(128).read_to_end(&mut bytes).map_err(VaultError::io("read", path))?;
    if let Ok(raw) = <[u8; 32]>::try_from(bytes.as_slice()) {
        return Ok(Secret::new(raw));
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    hex::decode_to_slice(bytes.trim_ascii(), &mut *key).map_err(|_| VaultError::Malformed {
        path: path.to_owned(),
        expected: "64 hexadecimal digits, or 32 raw bytes",
    })?;
    Ok(Secret::new(*key))
}
