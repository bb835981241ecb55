//! Compiles proto/agency with protox, so that no protoc has to be installed. The descriptors are kept for
//! reflection.

use std::{env, error::Error, fs, path::Path};

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    let root = "../../proto/agency";
    println!("cargo:rerun-if-changed={root}");
    let descriptors = protox::compile([format!("{root}/intake/v1/intake.proto")], [root])?;
    let folder = env::var("OUT_DIR")?;
    fs::write(
        Path::new(&folder).join("intake.descriptors"),
        descriptors.encode_to_vec(),
    )?;
    tonic_prost_build::configure()
        // Ordered, so that the same record is the same bytes.
        .btree_map(".")
        .compile_fds(descriptors)?;
    Ok(())
}
