//! Standard output that cannot be written.

use std::io;

use thiserror::Error;

use super::FilterError;

#[derive(Debug, Error)]
pub enum Error {
    /// The reader has what it wanted (`| head`): no failure.
    #[error("the reader closed the pipe")]
    Closed,
    #[error("the filter of --jq failed: {0}")]
    Filter(#[from] FilterError),
    #[error("standard output cannot be written: {0}")]
    Write(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Error::Closed } else { Error::Write(error) }
    }
}
