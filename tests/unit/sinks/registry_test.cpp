#include "gcstreamd/sinks/registry.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

#include "gcstreamd/sinks/audit_sink.hpp"
#include "gcstreamd/sinks/file_sink.hpp"
#include "gcstreamd/sinks/stdout_sink.hpp"
#include "helpers/fake_disk.hpp"

namespace gcstreamd {
namespace {

TEST(Registry, MakesEachTypeOfTheConfiguration) {
  SinkBench bench;
  const auto make = [&](const std::string& type) {
    SinkConfig config;
    config.type = type;
    return make_sink(bench.context, config, "main", {});
  };
  EXPECT_TRUE(dynamic_cast<StdoutSink*>(make("stdout").get()));
  EXPECT_TRUE(dynamic_cast<FileSink*>(make("file").get()));
  EXPECT_TRUE(dynamic_cast<AuditSink*>(make("audit").get()));
  EXPECT_THROW(make("nats"), std::logic_error);
  EXPECT_THROW(make(""), std::logic_error);
}

}  // namespace
}  // namespace gcstreamd
