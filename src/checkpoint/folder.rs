//! Files that are written whole or not at all.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Writes files by their paths inside a folder, which is made if it is not there. All of them are written to temporary files beside their places, and then put
/// there: where the disk is full or the program is ended on the way, the files that were there before stay as they were.
///
/// # Errors
/// [`Error::Unwritable`] names the file that cannot be written.
pub fn write_folder(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut written = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        let path = folder.join(name);
        let file =
            write_beside(&path, bytes).map_err(|error| Error::unwritable(path.display(), error))?;
        written.push((file, path));
    }
    for (file, path) in written {
        file.persist(&path)
            .map_err(|error| Error::unwritable(path.display(), error.error))?;
    }
    Ok(())
}

fn write_beside(path: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".unfinished-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other file, where temporary ones are their owner's alone.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(parent)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}
