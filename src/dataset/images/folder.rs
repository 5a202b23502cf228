//! Files in folders, and errors about them.

use std::path::{Path, PathBuf};

use crate::file_kind::{HEAD, mistaken};
use crate::{Error, Result};

/// Names of files and folders of operating systems and tools. Names that start with a dot are ignored as well.
const SYSTEM_FILES: [&str; 8] = [
    "__MACOSX",
    "Icon\r",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "$RECYCLE.BIN",
    "System Volume Information",
    "@eaDir",
];

/// Contents of a folder, sorted by name, without hidden and system files.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| malformed(folder, error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let is_hidden = name.as_encoded_bytes().starts_with(b".")
            || SYSTEM_FILES
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known));
        if !is_hidden {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// The error for a file that is broken or does not match its name.
pub(super) fn unreadable(path: &Path, error: impl std::fmt::Display) -> Error {
    use std::io::Read as _;
    let head = std::fs::File::open(path).and_then(|file| {
        let mut head = Vec::new();
        file.take(HEAD as u64).read_to_end(&mut head)?;
        Ok(head)
    });
    let is_archive = |head: &Vec<u8>| head.starts_with(b"PK") || head.starts_with(b"\x1f\x8b");
    let kind = head
        .ok()
        .filter(|head| !is_archive(head))
        .and_then(|head| mistaken(&head));
    malformed(path, kind.unwrap_or_else(|| error.to_string()))
}

pub(super) fn malformed(path: &Path, reason: impl std::fmt::Display) -> Error {
    Error::malformed(path.display().to_string(), reason)
}
