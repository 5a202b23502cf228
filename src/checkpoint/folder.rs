//! Atomic writing of files.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Prefix of the names of temporary files.
const UNFINISHED: &str = ".unfinished-";

/// Writes files by their paths inside a folder, and creates the folder if necessary. All files are first written to
/// temporary files beside their targets, and then moved into place in order. If the disk is full or the program ends
/// early, the existing files remain unchanged; once the last file is new, all are. Temporary files of an earlier
/// program are removed.
///
/// # Errors
/// [`Error::Unwritable`] names the file that cannot be written.
pub fn write_folder<N: AsRef<str>, B: AsRef<[u8]>>(
    folder: &Path,
    files: impl IntoIterator<Item = (N, B)>,
) -> Result<()> {
    let mut parents = BTreeSet::new();
    let mut written = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name.as_ref());
        let failed = |error: std::io::Error| Error::unwritable(path.display(), error);
        let parent = path.parent().unwrap_or(folder).to_owned();
        if parents.insert(parent.clone()) {
            std::fs::create_dir_all(&parent).map_err(failed)?;
            remove_unfinished(&parent);
        }
        let file = write_in(&parent, bytes.as_ref()).map_err(failed)?;
        written.push((file, path));
    }
    for (file, path) in written {
        file.persist(&path)
            .map_err(|error| Error::unwritable(path.display(), error.error))?;
    }
    parents.iter().try_for_each(|parent| {
        sync(parent).map_err(|error| Error::unwritable(parent.display(), error))
    })
}

fn write_in(folder: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The permissions of ordinary files; temporary files are only accessible to their owner.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Removes temporary files of programs that were killed while writing. Files that cannot be removed do no harm.
fn remove_unfinished(folder: &Path) {
    let is_unfinished = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(UNFINISHED)
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()).filter(is_unfinished) {
        let _ = std::fs::remove_file(path);
    }
}

/// Makes the new names of a folder's files persistent across a power failure.
fn sync(folder: &Path) -> std::io::Result<()> {
    // On other systems a folder cannot be opened as a file.
    if cfg!(unix) {
        std::fs::File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
