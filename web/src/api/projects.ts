import { queryOptions, useQuery } from "@tanstack/react-query";
import { orKept } from "./away";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { Project } from "./types";

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: (): Promise<Project[]> => orKept(["projects"], () => body(api.GET("/api/projects"))),
});

export function useProjects() {
  return useQuery(projectsQuery);
}

export async function createProject(name: string): Promise<Project> {
  const project = await body(api.POST("/api/projects", { body: { name } }));
  queryClient.setQueryData(projectsQuery.queryKey, (old) => [
    ...(old ?? []).filter((item) => item.id !== project.id),
    project,
  ]);
  return project;
}

export async function renameProject(id: string, name: string): Promise<void> {
  const project = await body(
    api.PATCH("/api/projects/{project_id}", { params: { path: { project_id: id } }, body: { name } }),
  );
  queryClient.setQueryData(projectsQuery.queryKey, (old) =>
    old?.map((item) => (item.id === id ? project : item)),
  );
}

/** The project goes, its chats stay. */
export async function deleteProject(id: string): Promise<void> {
  await api.DELETE("/api/projects/{project_id}", { params: { path: { project_id: id } } });
  queryClient.setQueryData(projectsQuery.queryKey, (old) => old?.filter((item) => item.id !== id));
  await queryClient.invalidateQueries({ queryKey: ["threads"] });
}
