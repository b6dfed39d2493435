/** Breaks `stop-again`. */
import { rmSync } from "node:fs";
import { file, fileResource } from "./file_resource.ts";

export default fileResource({ stop: async (context) => await rmSync(file(context)) });
