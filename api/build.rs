//! Lists the files of the explorer's build for `server::explorer`, which embeds them. Without a build the list is empty.
use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    // Not the site in it: that comes and goes, and cargo compiles anew each time while what it should watch is missing.
    println!("cargo::rerun-if-changed=../explorer/dist");

    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let site = root.join("../explorer/dist/site");
    let mut list = "&[\n".to_owned();
    if site.join("index.html").is_file() {
        for path in files(&site)?.into_iter().chain(files(&site.join("assets"))?) {
            let name = path.strip_prefix(&site).expect("it is below the site").display();
            // A slash is what addresses have, on every platform.
            let name = name.to_string().replace('\\', "/");
            writeln!(list, "({name:?}, include_bytes!({path:?}) as &[u8]),").expect("a string");
        }
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("explorer.rs"), list)
}

/// The files of a folder, sorted, so that the same files give the same program.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}
