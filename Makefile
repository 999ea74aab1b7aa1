# windfall: `make demo` shows what it does, `make test` proves it. Both install what is missing (see .ci/setup).

# Where rustup puts cargo, for shells that have not been reopened since.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: demo test deb lint fuzz fuzz-seeds record reproducible clean

# A profile that optimises nothing: what a newcomer waits for is the compiler, not the replay, which takes well under a
# second of this capture even so.
# Exit status 1 says that something required is failing, which is what this capture shows; any other is an error.
demo:
	@.ci/setup build
	@cargo run --locked --profile demo -- replay captures/itunes-failure.pcapng || test $$? -eq 1

test:
	@.ci/setup tests
	cargo test --locked
	cargo test --locked --features fleet --test fleet

lint:
	@.ci/setup lint
	cargo fmt --check
	CLIPPY_CONF_DIR=.ci cargo clippy --locked --all-targets -- -D warnings
	CLIPPY_CONF_DIR=.ci cargo clippy --locked --no-default-features --lib --bins -- -D warnings
	CLIPPY_CONF_DIR=.ci cargo clippy --locked --features fleet --bins --test fleet -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	cargo deny --locked --config .ci/deny.toml check licenses bans sources
	cargo deny --locked --manifest-path fuzz/Cargo.toml --config .ci/deny.toml check licenses bans sources

# One target, or all: `make fuzz TARGET=dns_message TIME=600` (seconds). What is found lies in fuzz/artifacts/.
TIME ?= 60
fuzz:
	@.ci/setup fuzz
	FUZZ_SECONDS=$(TIME) .ci/fuzz $(TARGET)

# Inputs to start from, out of the bundled captures, into fuzz/corpus/; `make fuzz` does this itself.
fuzz-seeds:
	@.ci/setup build
	cargo run --quiet --locked --manifest-path fuzz/Cargo.toml --example seeds

# Records the bundled captures again. Needs root: it makes network namespaces and captures in them.
record:
	tests/lab/record.sh

# A package for Debian and Ubuntu, in target/debian/: program, manual page, completions, service, configuration.
deb:
	@.ci/setup deb
	cargo build --locked --release
	packaging/deb.sh release

# Two release builds of the commit, at different paths: the same program, or an error.
reproducible:
	@.ci/setup build
	.ci/reproducible

clean:
	cargo clean
