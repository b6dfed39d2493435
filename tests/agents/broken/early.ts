/** Breaks `order`: start comes back before the resource is there. */
import { fileResource, isUp, up } from "./file_resource.ts";

export default fileResource({
  start(context) {
    // Late enough that the first look finds nothing, and soon enough that it is no lie.
    if (!isUp(context)) setTimeout(() => up(context), 500);
    return Promise.resolve();
  },
});
