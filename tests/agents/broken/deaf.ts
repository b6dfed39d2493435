/** Breaks `deadline`: waits for something and looks at no signal. */
import { fileResource, isUp, up } from "./file_resource.ts";

export default fileResource({
  async start(context) {
    if (!isUp(context)) await new Promise((resolve) => setTimeout(resolve, 800));
    up(context);
  },
});
