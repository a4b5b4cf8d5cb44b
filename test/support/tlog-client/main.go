// Reads a folder of the tlog-tiles layout with Go's own transparency log library (golang.org/x/mod/sumdb, which the Go checksum database is read with),
// and shares nothing with Bedside but the published formats.
//
//	tlog-client <folder> <verifier key> [an earlier checkpoint]
//
// It opens the checkpoint's note, reads every hash through tiles that the library authenticates against the root, compares every entry of every bundle with its
// leaf, checks inclusion proofs, and the consistency with the earlier checkpoint. It prints one line and ends with 0, or with 1 and why.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// pathOf is a tile's place in the tlog-tiles layout: the library's own path names the height, too, and calls bundles of entries data.
func pathOf(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	return filepath.FromSlash("tile/" + strings.Replace(path, "data/", "entries/", 1))
}

// folder reads tiles; a full tile may stand in for a partial one.
type folder string

func (f folder) Height() int                             { return tileHeight }
func (f folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(string(f), pathOf(tile)))
		if errors.Is(err, os.ErrNotExist) && tile.W < 1<<tileHeight {
			full := tile
			full.W = 1 << tileHeight
			if bytes, err = os.ReadFile(filepath.Join(string(f), pathOf(full))); err == nil && tile.L >= 0 {
				bytes = bytes[:tile.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func openCheckpoint(path string, verifier note.Verifier) (tlog.Tree, int, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	opened, err := note.Open(bytes, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	// The library's own text of a tree begins with another first line than a log's origin; size and root are the two lines after it.
	lines := strings.SplitN(opened.Text, "\n", 2)
	if lines[0] != verifier.Name() {
		return tlog.Tree{}, 0, fmt.Errorf("origin %q", lines[0])
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + lines[1]))
	return tree, len(opened.UnverifiedSigs), err
}

func readEntries(f folder, n int64, width int) ([][]byte, error) {
	bundles, err := f.ReadTiles([]tlog.Tile{{H: tileHeight, L: -1, N: n, W: width}})
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for rest := bundles[0]; len(entries) < width; {
		if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
			return nil, fmt.Errorf("bundle %d ends in entry %d", n, len(entries))
		}
		length := int(binary.BigEndian.Uint16(rest))
		entries, rest = append(entries, rest[2:2+length]), rest[2+length:]
	}
	return entries, nil
}

func check(arguments []string) error {
	verifier, err := note.NewVerifier(arguments[1])
	if err != nil {
		return err
	}
	f := folder(arguments[0])
	tree, others, err := openCheckpoint(filepath.Join(arguments[0], "checkpoint"), verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	hashes := tlog.TileHashReader(tree, f)
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil || root != tree.Hash {
		return fmt.Errorf("root %v: %v", root, err)
	}
	proofs := 0
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := 1 << tileHeight
		if tree.N-first < int64(width) {
			width = int(tree.N - first)
		}
		entries, err := readEntries(f, first>>tileHeight, width)
		if err != nil {
			return err
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		leaves, err := hashes.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != leaves[i] {
				return fmt.Errorf("entry %d is not that of its leaf", first+int64(i))
			}
		}
		proof, err := tlog.ProveRecord(tree.N, first, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, first, leaves[0]); err != nil {
			return fmt.Errorf("inclusion of entry %d: %w", first, err)
		}
		proofs++
	}
	consistent := "no earlier checkpoint"
	if len(arguments) > 2 {
		earlier, _, err := openCheckpoint(arguments[2], verifier)
		if err != nil {
			return fmt.Errorf("earlier checkpoint: %w", err)
		}
		proof, err := tlog.ProveTree(tree.N, earlier.N, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, earlier.N, earlier.Hash); err != nil {
			return fmt.Errorf("consistency with %d: %w", earlier.N, err)
		}
		consistent = fmt.Sprintf("consistent with %d", earlier.N)
	}
	fmt.Printf("%d entries, %d inclusion proofs, %d other signatures, %s\n", tree.N, proofs, others, consistent)
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "tlog-client <folder> <verifier key> [an earlier checkpoint]")
		os.Exit(2)
	}
	if err := check(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
