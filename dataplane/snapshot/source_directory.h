// SourceDirectory: the hub as a directory, written by the controller.
//
//   DIR/segments/<2 hex>/<64 hex>.seg
//   DIR/manifests/<environment>/<epoch, 20 digits>.manifest
//   DIR/manifests/<environment>/CURRENT              "<20 digits>.manifest\n"
//   DIR/gateways/<environment>/<gateway id>.json     written here
//
// wait() is inotify on DIR/manifests/<environment>, which may not exist yet;
// a file system that sends no events (NFS) still has the timeout.

#pragma once

#include <string>

#include "snapshot/source.h"

namespace apim::snapshot {

std::unique_ptr<Source> open_source_directory(const std::string& directory,
                                              const std::string& environment);

// "ab/abcd...": where a segment lies below a `segments` folder.
std::string segment_file_name(const layout::Digest& digest);

}  // namespace apim::snapshot
