fn main() {
    println!("{}", culturegraph::schema::sdl());
}
