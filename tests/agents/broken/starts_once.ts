/** Breaks `start-again`. */
import { fileResource, isUp, up } from "./file_resource.ts";

export default fileResource({
  start(context) {
    if (isUp(context)) return Promise.reject(new Error("it is there already"));
    return Promise.resolve(up(context));
  },
});
