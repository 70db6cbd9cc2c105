// HubDirectory: the hub as a directory, shared by controller and gateways through a file system.
//
//   DIR/segments/<2 hex>/<64 hex>.seg
//   DIR/manifests/<environment>/<epoch, 20 digits>.manifest
//   DIR/manifests/<environment>/CURRENT              "<20 digits>.manifest\n"
//   DIR/gateways/<environment>/<gateway id>.json     written by gateways
//
// Every file is written as *.tmp, synced, renamed, and its directory synced.

#pragma once

#include <memory>
#include <string>

#include "publish/hub.h"

namespace apim::publish {

// Makes the directories when they are missing.
Result<std::unique_ptr<Hub>> open_hub_directory(const std::string& directory);

}  // namespace apim::publish
