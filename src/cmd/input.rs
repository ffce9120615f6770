//! What a command reads: files, and standard input as `-`.

use std::{fs::OpenOptions, io::Read, path::Path};

use serde_json::{Map, Value};

use crate::{
    cli::{Context, Failure, Kind},
    output::on_a_thread,
};

/// Far above any message or space.
const LARGEST_BODY: u64 = 4 * 1024 * 1024;

/// A regular file's bytes, one more than `most` at most; or what is wrong with it, in words. Never waits for a
/// pipe's other end.
pub fn read_file(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path).map_err(|error| in_words(&error))?;
    let kind = file.metadata().map_err(|error| error.to_string())?;
    if kind.is_dir() {
        return Err("it is a folder".to_owned());
    }
    if !kind.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The bytes of a file or a pipe (`<(command)`), or of standard input; without a byte order mark.
async fn read(context: &Context, flag: &str, source: &str) -> Result<Vec<u8>, Failure> {
    let reading = read_any(context, source);
    // A time that was asked for is the whole command's. Else whoever writes to the pipe may take as long as it
    // takes, and Google's time begins after that.
    let bytes = match context.settings.timeout {
        Some(time) => tokio::time::timeout(time, reading).await.map_err(|_| {
            Failure::new(
                Kind::TimedOut,
                format!("{flag} {source}: nothing more came for {} s", time.as_secs()),
            )
        })?,
        None => reading.await,
    };
    if context.settings.timeout.is_none() {
        context.restart_time();
    }
    let bytes = bytes.map_err(|error| Failure::usage(format!("{flag} {source}: {}", in_words(&error))))?;
    if bytes.len() as u64 > LARGEST_BODY {
        return Err(Failure::usage(format!("{flag} {source}: it is larger than 4 MiB")));
    }
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes))
}

async fn read_any(context: &Context, source: &str) -> std::io::Result<Vec<u8>> {
    if source == "-" {
        return context.ui.read_input(LARGEST_BODY).await;
    }
    let path = context.folder.join(source);
    on_a_thread(move || {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(LARGEST_BODY + 1).read_to_end(&mut bytes).map(|_| bytes)
    })
    .await
}

fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// Text of a file or of standard input; the line end that every tool adds at the end is no part of it.
pub async fn read_text(context: &Context, flag: &str, source: &str) -> Result<String, Failure> {
    let text = String::from_utf8(read(context, flag, source).await?)
        .map_err(|_| Failure::usage(format!("{flag} {source}: it is not UTF-8 text")))?;
    Ok(text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(&text).to_owned())
}

/// A JSON object of a file or of standard input; without a source, an empty one.
pub async fn read_object(context: &Context, source: Option<&str>) -> Result<Map<String, Value>, Failure> {
    let Some(source) = source else { return Ok(Map::new()) };
    match read_json(context, "--json", source).await?.0 {
        Value::Object(object) => Ok(object),
        _ => Err(Failure::usage(format!("--json {source}: it is JSON, but not an object"))),
    }
}

/// Any JSON of a file or of standard input, and its text.
pub async fn read_json(context: &Context, flag: &str, source: &str) -> Result<(Value, String), Failure> {
    let bytes = read(context, flag, source).await?;
    let value = serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failure::usage(format!("{flag} {source}: it is not JSON (line {line}, column {column})"))
    })?;
    // What was read as JSON is UTF-8.
    Ok((value, String::from_utf8_lossy(&bytes).trim().to_owned()))
}
