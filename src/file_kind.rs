//! Detection of files whose content does not match their name.

/// Number of bytes that are examined.
pub(crate) const HEAD: usize = 1024;
/// Shorter texts may be the beginning of another format.
const MIN_TEXT: usize = 4;
/// Number of characters of a text that a message quotes.
const MAX_QUOTED: usize = 60;

/// Advice for files that were copied or downloaded incompletely.
const AGAIN: &str = "download or copy it again";

/// Signatures of file formats, and advice for each.
const FORMATS: [(&[u8], &str); 10] = [
    (
        b"\x1f\x8b",
        "it is compressed with gzip: unpack it with gunzip",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "it is compressed with Zstandard: unpack it with unzstd",
    ),
    (
        b"\xfd7zXZ\0",
        "it is compressed with xz: unpack it with unxz",
    ),
    (
        b"BZh",
        "it is compressed with bzip2: unpack it with bunzip2",
    ),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive: unpack it"),
    (b"Rar!\x1a\x07", "it is a RAR archive: unpack it"),
    (
        b"\x89HDF\r\n",
        "it is an HDF5 file, for instance from Keras: convert the weights to safetensors",
    ),
    (
        b"GGUF",
        "it is a GGUF file: get the weights as safetensors from their source",
    ),
    (
        b"\x00\x05\x16\x07",
        "it contains macOS metadata (its name starts with ._), not the file: copy the file itself",
    ),
    (b"\x93NUMPY", "it is an array of NumPy"),
];

const PICKLE: &str = "which can run code when it is loaded: rename it to diffusion_pytorch_model.bin and convert it with diffusers, \
                      UNet2DModel.from_pretrained(folder, use_safetensors=False).save_pretrained(folder)";

/// Describes what is wrong with an unreadable file and how to fix it, based on its first bytes; `None` where they are
/// inconclusive.
pub(crate) fn mistaken(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(HEAD)];
    if bytes.is_empty() {
        return Some(format!("it is empty: {AGAIN}"));
    }
    if head.iter().all(|byte| *byte == 0) {
        return Some(format!("it starts with zeros: {AGAIN}"));
    }
    if let Some((_, kind)) = FORMATS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some((*kind).to_owned());
    }
    if head.starts_with(b"PK\x03\x04") {
        let is_torch = head.windows(4).any(|name| name == b".pkl");
        return Some(if is_torch {
            format!("it is a PyTorch file, a zip archive with a Python pickle, {PICKLE}")
        } else {
            "it is a zip archive: unpack it".to_owned()
        });
    }
    // The third byte distinguishes it from the length of a safetensors header.
    if let [0x80, 2..=5, 1..=255, ..] = head {
        return Some(format!("it is a Python pickle, {PICKLE}"));
    }
    text(head)
}

/// Describes what is wrong with a text file.
fn text(head: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The examined bytes may end inside a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let begins_with = |start: &str| {
        let start_of_text = text.get(..start.len());
        start_of_text.is_some_and(|found| found.eq_ignore_ascii_case(start))
    };
    if text.starts_with("version https://git-lfs.github.com/spec/") {
        let size = text.lines().find_map(|line| line.strip_prefix("size "));
        let of = size.map_or(String::new(), |size| {
            format!(" to a file of {} bytes", size.trim())
        });
        return Some(format!(
            "it is a Git LFS pointer{of}, not the file: fetch it with git lfs pull, or download it"
        ));
    }
    if ["<!doctype html", "<html", "<head", "<body"]
        .into_iter()
        .any(begins_with)
    {
        return Some(
            "it is an HTML page, as servers send it for an error, a login or a preview: download the file itself".to_owned(),
        );
    }
    if begins_with("<?xml") || begins_with("<Error") {
        return Some(
            "it is XML, as servers send it for an error: download the file itself".to_owned(),
        );
    }
    let is_text = |letter: char| !letter.is_control() || letter.is_whitespace();
    if text.len() < MIN_TEXT || !text.chars().all(is_text) {
        return None;
    }
    let line = text.lines().next().unwrap_or_default();
    let quoted: String = line.chars().take(MAX_QUOTED).collect();
    Some(format!("it is text that starts with {quoted:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let pointer =
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 143091048\n";
        for (bytes, words) in [
            (&b""[..], "it is empty"),
            (&[0; 2000], "it starts with zeros"),
            (
                pointer.as_bytes(),
                "a Git LFS pointer to a file of 143091048 bytes",
            ),
            (b"\n <!DOCTYPE HTML><html>", "an HTML page"),
            ("\u{feff}<html lang=\"en\">".as_bytes(), "an HTML page"),
            (
                b"<?xml version='1.0'?><Error><Code>AccessDenied</Code>",
                "XML",
            ),
            (
                b"Entry not found",
                "text that starts with \"Entry not found\"",
            ),
            (
                b"PK\x03\x04\x00\x00archive/data.pkl\x00",
                "a zip archive with a Python pickle",
            ),
            (b"PK\x03\x04\x00\x00pictures/", "a zip archive: unpack"),
            (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j", "a Python pickle"),
            (b"\x1f\x8b\x08\x00", "gunzip"),
        ] {
            let found = mistaken(bytes).unwrap_or_default();
            assert!(found.contains(words), "{bytes:?}: {found}");
        }
        assert_eq!(mistaken(b"\x40\0\0\0\0\0\0\0{\"a\":"), None);
        assert_eq!(mistaken(b"\x80\x02\0\0\0\0\0\0{\"a\":"), None);
        assert_eq!(mistaken(b"h\x02"), None);
        assert_eq!(mistaken(b"\x89PNG\r\n\x1a\n"), None);
    }

    #[test]
    fn a_character_across_the_end_of_the_head_is_still_text() {
        let text = "ä".repeat(HEAD);
        assert!(mistaken(&text.as_bytes()[..HEAD - 1]).is_some());
        assert!(mistaken(&[b"a", text.as_bytes()].concat()).is_some());
    }
}
