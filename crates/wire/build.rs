//! Compiles proto/ with protox, so that no protoc has to be installed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = "../../proto";
    let files = [
        "keyholder",
        "ingest",
        "alerts",
        "directory",
        "compare",
        "ledger",
        "disclosure",
        "statistics",
    ]
    .map(|area| format!("{root}/sanctuary/{area}/v1/{area}.proto"));
    println!("cargo:rerun-if-changed={root}");
    let descriptors = protox::compile(&files, [root])?;
    tonic_prost_build::configure()
        .bytes(".")
        .compile_fds(descriptors)?;
    Ok(())
}
