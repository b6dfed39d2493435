/** Breaks `start`. */
import { fileResource } from "./file_resource.ts";

export default fileResource({ start: () => Promise.reject(new Error("not today")) });
