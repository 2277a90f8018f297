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

TEST(Registry, ProbesWhetherAPathCanBeOpened) {
  SinkBench bench;
  SinkConfig config;
  config.type = "stdout";
  EXPECT_FALSE(probe_sink(bench.context, config));
  config.type = "file";
  config.path = "/nowhere/file";
  EXPECT_FALSE(probe_sink(bench.context, config));
  EXPECT_TRUE(bench.disk.has(config.path));
  bench.disk[config.path].fail_opens = 1;
  EXPECT_EQ(probe_sink(bench.context, config).value(), EACCES);
  EXPECT_EQ(bench.disk[config.path].content, "");
}

}  // namespace
}  // namespace gcstreamd
